Feature: Cancelling

  A shopper may change their mind until the parcel leaves. The goods are for
  sale again, and money that was paid comes back.

  Example: Before the payment
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has ordered 2 of the "Walnut desk lamp"
    When Asha cancels her order
    Then her order is cancelled, because she wanted it so
    And she is e-mailed that her order is cancelled
    And 5 of the "Walnut desk lamp" come to be for sale
    And her parcel does not leave
    But she can no longer pay for it

  Example: After the payment
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has paid for 2 of the "Walnut desk lamp"
    When Asha cancels her order
    Then her order becomes refunded
    And she is e-mailed that her order is cancelled
    And she is e-mailed that her money is refunded
    And 5 of the "Walnut desk lamp" come to be for sale
    And her parcel does not leave

  Example: When it costs nothing
    Given the catalog offers a "Colour card" at 0.00 EUR with 5 in stock
    And Asha has ordered 1 of the "Colour card"
    And her order was paid with that
    When Asha cancels her order
    Then her order becomes refunded
    And the mail that her order is cancelled says "there is nothing to pay back"
    And 5 of the "Colour card" come to be for sale
    And her parcel does not leave

  Example: After the parcel has left
    Given Asha has paid for 1 of the "Walnut desk lamp"
    And the warehouse has dispatched her parcel
    When Asha tries to cancel her order
    Then she is told "The parcel is already on its way"
    And her order is still paid

  Example: Twice
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has ordered 2 of the "Walnut desk lamp"
    When Asha cancels her order
    And Asha cancels her order
    Then her order is cancelled, because she wanted it so
    And 5 of the "Walnut desk lamp" come to be for sale

  Example: A part of it, before the parcel has left
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has paid for 3 of the "Walnut desk lamp"
    And her order becomes paid
    When Asha cancels 1 of the "Walnut desk lamp"
    Then she is e-mailed that her order is cancelled in part
    And the mail that her money is refunded in part says "129.99 EUR"
    And her 1 cancelled of the "Walnut desk lamp" come to be paid back
    And 3 of the "Walnut desk lamp" come to be for sale
    And the warehouse reads on her parcel that 2 of the "Walnut desk lamp" go into it
    And her order is still paid

  Example: The rest of it, after a part
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has paid for 2 of the "Walnut desk lamp"
    And her order becomes paid
    And Asha has cancelled 1 of the "Walnut desk lamp"
    When Asha cancels her order
    Then her order becomes refunded
    And the mail that her money is refunded says "129.99 EUR"
    And 5 of the "Walnut desk lamp" come to be for sale
    And her parcel does not leave

  Example: A part of it, after the parcel has left
    Given Asha has paid for 2 of the "Walnut desk lamp"
    And the warehouse has dispatched her parcel
    When Asha tries to cancel 1 of the "Walnut desk lamp"
    Then she is told "The parcel is already on its way"
    And her order is still paid

  Example: A part of it, before the payment
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has ordered 2 of the "Walnut desk lamp"
    When Asha tries to cancel 1 of the "Walnut desk lamp"
    Then she is told "The order is not paid, or has come to an end"

  Example: All of it, piece by piece
    Given Asha has paid for 2 of the "Walnut desk lamp"
    And her order becomes paid
    When Asha tries to cancel 2 of the "Walnut desk lamp"
    Then she is told "Nothing else is left in the order"
    And her order is still paid
