Feature: Counting the stock

  The shop sells what it believes to have. When the shelves are counted, the
  stock is corrected to what is there, and the reason is kept; what is set
  aside for orders stays theirs.

  Example: Two lamps broke in the storeroom
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    When an admin takes 2 of the "Walnut desk lamp" out of the stock, because they are "broken"
    Then 3 of the "Walnut desk lamp" are still for sale

  Example: More were delivered than were noted
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    When an admin adds 1 of the "Walnut desk lamp" to the stock, because it was "found in a corner"
    Then 6 of the "Walnut desk lamp" are still for sale

  Example: What is set aside for an order is not taken from it
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 3 in stock
    And Asha has ordered 2 of the "Walnut desk lamp"
    When an admin tries to take 2 of the "Walnut desk lamp" out of the stock, because they are "broken"
    Then they are told "Fewer pieces would be left than are set aside for orders"
    And 1 of the "Walnut desk lamp" are still for sale

  Example: A delivery that is noted twice counts once
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    When an admin notes the same delivery of 3 of the "Walnut desk lamp" twice
    Then 8 of the "Walnut desk lamp" are still for sale
