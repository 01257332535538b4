Feature: Filling a cart

  A shopper collects products. The cart notes the price that was seen; nothing
  is set aside before the checkout.

  Rule: The cart holds what was put in

    Example: The same lamp again
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has 1 of the "Walnut desk lamp" in her cart
      When Asha puts 2 of the "Walnut desk lamp" in her cart
      Then her cart still holds 3 of the "Walnut desk lamp"
      And her cart comes to 389.97 EUR
      And 5 of the "Walnut desk lamp" are still for sale

    Example: Asha wants more, and the price has risen
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has 1 of the "Walnut desk lamp" in her cart
      But the price of the "Walnut desk lamp" has since become 149.99 EUR
      When Asha wants 3 of the "Walnut desk lamp" instead
      Then her cart still holds 3 of the "Walnut desk lamp"
      And her cart comes to 429.97 EUR

    Example: Asha wants fewer
      Given Asha has 3 of the "Walnut desk lamp" in her cart
      When Asha wants 1 of the "Walnut desk lamp" instead
      Then her cart still holds 1 of the "Walnut desk lamp"

    Example: Asha wants none after all
      Given Asha has 3 of the "Walnut desk lamp" in her cart
      When Asha wants 0 of the "Walnut desk lamp" instead
      Then her cart becomes empty

    Example: Everybody has a cart of their own
      Given Asha has 3 of the "Walnut desk lamp" in her cart
      Then Bram's cart becomes empty

  Rule: What is in a cart can be ordered together

    Example: A lamp in euros and a mug in pounds
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And the catalog offers a "Stoneware mug" at 14.00 GBP with 5 in stock
      And Asha has 1 of the "Walnut desk lamp" in her cart
      When Asha tries to put 1 of the "Stoneware mug" in her cart
      Then she is told "All products of a cart are of one currency"
      And her cart comes to 129.99 EUR

    Example: The lamp is not sold any more
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      But the "Walnut desk lamp" is not sold any more
      When Asha tries to put 1 of the "Walnut desk lamp" in her cart
      Then she is told "A product is not sold any more"
      And her cart becomes empty
