Feature: Browsing the catalog

  Everybody may look at what is for sale.

  Example: The latest lamp is found by its name
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    When somebody looks for "walnut DESK"
    Then they find the "Walnut desk lamp" at 129.99 EUR

  Example: A search needs no accents and no capitals
    Given the catalog offers a "Café table" at 129.99 EUR with 5 in stock
    When somebody looks for "cafe TABLE"
    Then they find the "Café table" at 129.99 EUR

  Example: What is not sold any more is not found
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    But the "Walnut desk lamp" is not sold any more
    When somebody looks for "walnut desk"
    Then they do not find the "Walnut desk lamp"

  Example: An admin still sees what is not sold any more
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    But the "Walnut desk lamp" is not sold any more
    When an admin looks for "walnut desk"
    Then they find the "Walnut desk lamp" at 129.99 EUR

  Example: The photo of a camera is shown in its colours
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    When an admin adds a camera's photo to the "Walnut desk lamp"
    Then everybody sees the photo of the "Walnut desk lamp" in its colours
