Feature: Paying

  An order waits for its payment, though not for ever. What is paid is what the
  order asks for, once.

  Example: The card is declined, then it works
    Given Asha has ordered 1 of the "Walnut desk lamp"
    When her payment fails
    Then she is e-mailed that her payment failed
    And her order still awaits payment
    When she pays
    Then her order becomes paid
    And she is e-mailed that her payment arrived

  Example: Asha has words of her own for what went wrong
    Given Asha has ordered 1 of the "Walnut desk lamp"
    When her payment fails, and she says "Buy at evil.example"
    Then she is e-mailed that her payment failed
    And the mail that her payment failed says "Your card was declined."
    But none of her mails says "evil.example"

  Example: Asha pays twice
    Given Asha has paid for 1 of the "Walnut desk lamp"
    When she pays again
    Then she has paid once
    And her order becomes paid

  Example: Asha pays too little
    Given Asha has ordered 1 of the "Walnut desk lamp"
    When she tries to pay 1.00 EUR
    Then she is told "The order asks for another amount"
    And her order still awaits payment

  Example: A price in yen
    Given the catalog offers a "Paper lantern" at 1500 JPY with 5 in stock
    And Asha has ordered 2 of the "Paper lantern"
    When she tries to pay 30 JPY
    Then she is told "The order asks for another amount", namely "The order asks for 3000 JPY"
    And the mail that her order is confirmed says "Please pay 3000 JPY."

  Example: An order that costs nothing
    Given the catalog offers a "Colour card" at 0.00 EUR with 5 in stock
    And Asha has 1 of the "Colour card" in her cart
    When Asha checks out to "12 Quay Street, Galway"
    Then her order becomes paid
    And her parcel to "12 Quay Street, Galway" becomes ready to ship
    And the mail that her order is confirmed says "There is nothing to pay."
    And she is e-mailed that her parcel is ready
    But she has been e-mailed 2 times about it

  Example: Bram wants to pay for Asha
    Given Asha has ordered 1 of the "Walnut desk lamp"
    When Bram tries to pay for Asha's order
    Then Bram is told "There is no such order"
    And Asha's order still awaits payment

  @short_times
  Example: The payment does not come in time
    Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
    And Asha has ordered 2 of the "Walnut desk lamp"
    When the time to pay has passed
    Then her order is cancelled, because it was not paid in time
    And she is e-mailed that her order is cancelled
    And 5 of the "Walnut desk lamp" come to be for sale
    But she can no longer pay for it
