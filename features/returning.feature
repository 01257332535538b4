Feature: Returning

  What has arrived may be sent back. The shopper asks first, and is paid back
  when the shop has it in its hands.

  Background:
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has paid for 2 of the "Walnut desk lamp"
    And her order becomes paid

  Example: One of two
    Given the warehouse has dispatched her parcel
    And her parcel has been delivered
    And she has been e-mailed that her parcel has arrived
    And Asha has asked to send 1 of the "Walnut desk lamp" back
    When the warehouse receives what Asha has sent back
    Then she is e-mailed that her sent back pieces have arrived
    And the mail that her money is refunded in part says "129.99 EUR"
    And her 1 sent back of the "Walnut desk lamp" come to be paid back
    And 4 of the "Walnut desk lamp" come to be for sale
    And her order is still paid

  Example: What cannot be sold again
    Given the warehouse has dispatched her parcel
    And her parcel has been delivered
    And she has been e-mailed that her parcel has arrived
    And Asha has asked to send 1 of the "Walnut desk lamp" back
    When the warehouse receives what Asha has sent back, and it is broken
    Then her 1 sent back of the "Walnut desk lamp" come to be paid back
    And 3 of the "Walnut desk lamp" come to be for sale

  Example: Everything
    Given the warehouse has dispatched her parcel
    And her parcel has been delivered
    And she has been e-mailed that her parcel has arrived
    And Asha has asked to send 2 of the "Walnut desk lamp" back
    When the warehouse receives what Asha has sent back
    Then her order becomes refunded, since everything came back
    And 5 of the "Walnut desk lamp" come to be for sale

  Example: Before it has arrived
    Given the warehouse has dispatched her parcel
    When Asha tries to send 1 of the "Walnut desk lamp" back
    Then she is told "The parcel has not arrived"

  Example: More than there is
    Given the warehouse has dispatched her parcel
    And her parcel has been delivered
    And she has been e-mailed that her parcel has arrived
    And Asha has asked to send 2 of the "Walnut desk lamp" back
    When Asha tries to send 1 of the "Walnut desk lamp" back
    Then she is told "There is less of that in the order"
