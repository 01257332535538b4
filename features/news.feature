Feature: News between the services

  The services tell each other what has happened. News may arrive twice; it
  counts once.

  Example: The payment news is delivered again
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has paid for 2 of the "Walnut desk lamp"
    And she has been e-mailed that her payment arrived
    When the news of her payment is delivered again
    Then she is e-mailed once that her payment arrived
    And her order is still paid
    And 3 of the "Walnut desk lamp" are still for sale

  Example: The news of the order is delivered again
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has ordered 2 of the "Walnut desk lamp"
    And she has been e-mailed that her order is confirmed
    And her cart has become empty
    When Asha puts 1 of the "Walnut desk lamp" in her cart
    And the news of her order is delivered again
    Then she is e-mailed once that her order is confirmed
    And her cart still holds 1 of the "Walnut desk lamp"

  Example: The news of the cancellation is delivered again
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has paid for 2 of the "Walnut desk lamp"
    And she has cancelled her order
    And she has been e-mailed that her money is refunded
    When the news of her cancellation is delivered again
    Then she is e-mailed once that her order is cancelled
    And she is e-mailed once that her money is refunded
    And 5 of the "Walnut desk lamp" are still for sale
