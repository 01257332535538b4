Feature: What happened to an order

  Whoever has ordered sees in one list what has become of it: when it was
  placed, what became of its payment and its parcel, and what they were told.

  Example: A payment that was refused
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has ordered 1 of the "Walnut desk lamp"
    When her payment fails
    And Asha pays
    Then the timeline of her order comes to say "placed, refused, paid, packed"
    And it names each mail that she was sent

  Example: From the order to the money back
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has paid for 1 of the "Walnut desk lamp"
    When Asha cancels her order
    Then the timeline of her order comes to say "placed, paid, packed, cancelled, refunded"
    And it names each mail that she was sent
