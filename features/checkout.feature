Feature: Checking out

  A shopper turns a cart into an order. Stock is set aside at once; the goods
  leave only after the payment has come in, and the shopper is told by e-mail
  at every step.

  Rule: An order is paid for before it is shipped

    @journey
    Example: Asha buys two lamps
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has 2 of the "Walnut desk lamp" in her cart
      When Asha checks out to "12 Quay Street, Galway"
      Then her order of 259.98 EUR awaits payment
      And she is shown that it goes to "12 Quay Street, Galway"
      And 3 of the "Walnut desk lamp" are still for sale
      And her cart becomes empty
      And she is e-mailed that her order is confirmed
      When she pays
      Then her order becomes paid
      And she is e-mailed that her payment arrived
      And her parcel to "12 Quay Street, Galway" becomes ready to ship
      And she is e-mailed that her parcel is ready
      When the warehouse dispatches her parcel
      Then her parcel has a tracking number
      And she is e-mailed that her parcel is on its way
      When her parcel is delivered
      Then she is e-mailed that her parcel has arrived
      And she has been e-mailed 5 times about it

  Rule: What the shopper saw is what the shopper pays

    Example: The price rises between cart and checkout
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has 1 of the "Walnut desk lamp" in her cart
      But the price of the "Walnut desk lamp" has since become 149.99 EUR
      When Asha checks out to "12 Quay Street, Galway"
      Then her order of 129.99 EUR awaits payment

    Example: The price falls between cart and checkout
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has 2 of the "Walnut desk lamp" in her cart
      But the price of the "Walnut desk lamp" has since become 99.99 EUR
      When Asha checks out to "12 Quay Street, Galway"
      Then her order of 199.98 EUR awaits payment

    Example: The lamp is sold for dollars by now
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has 1 of the "Walnut desk lamp" in her cart
      But the price of the "Walnut desk lamp" has since become 129.99 USD
      When Asha tries to check out to "12 Quay Street, Galway"
      Then she is told "A price has changed since the product was put in the cart"
      And she is shown that the "Walnut desk lamp" was 129.99 EUR and is 129.99 USD
      And 5 of the "Walnut desk lamp" are still for sale
      And her cart still holds 1 of the "Walnut desk lamp"

    @short_times
    Example: The price has risen since a cart of long ago
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has had 1 of the "Walnut desk lamp" in her cart for too long
      But the price of the "Walnut desk lamp" has since become 149.99 EUR
      When Asha tries to check out to "12 Quay Street, Galway"
      Then she is told "A price has changed since the product was put in the cart"
      And she is shown that the "Walnut desk lamp" was 129.99 EUR and is 149.99 EUR
      And 5 of the "Walnut desk lamp" are still for sale
      And her cart still holds 1 of the "Walnut desk lamp"

    @short_times
    Example: A cart of long ago whose price still holds
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has had 1 of the "Walnut desk lamp" in her cart for too long
      When Asha checks out to "12 Quay Street, Galway"
      Then her order of 129.99 EUR awaits payment

  Rule: Nothing is sold twice

    Example: Two shoppers want the last lamp
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 1 in stock
      And Asha has 1 of the "Walnut desk lamp" in her cart
      And Bram has 1 of the "Walnut desk lamp" in his cart
      When Asha checks out to "12 Quay Street, Galway"
      And Bram tries to check out to "3 Kade, Utrecht"
      Then Bram is told "A product is out of stock"
      And his cart still holds 1 of the "Walnut desk lamp"
      And he has 0 orders
      And Asha's order of 129.99 EUR awaits payment

    Example: Both press the button at once
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 1 in stock
      And Asha has 1 of the "Walnut desk lamp" in her cart
      And Bram has 1 of the "Walnut desk lamp" in his cart
      When Asha and Bram check out at the same moment
      Then one of them has the "Walnut desk lamp" and the other is told "A product is out of stock"
      And 0 of the "Walnut desk lamp" are still for sale

    Example: There are fewer than wanted
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 2 in stock
      And Asha has 3 of the "Walnut desk lamp" in her cart
      When Asha tries to check out to "12 Quay Street, Galway"
      Then she is told "A product is out of stock"
      And 2 of the "Walnut desk lamp" are still for sale
      And she has 0 orders

    Example: The lamp is taken off the shelf
      Given Asha has 1 of the "Walnut desk lamp" in her cart
      But the "Walnut desk lamp" is not sold any more
      When Asha tries to check out to "12 Quay Street, Galway"
      Then she is told "A product is not sold any more"
      And her cart still holds 1 of the "Walnut desk lamp"

  Rule: A cart is ordered once

    Example: Asha clicks twice
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has 2 of the "Walnut desk lamp" in her cart
      When Asha clicks twice to check out
      Then both clicks made the same order
      And she has 1 order
      And 3 of the "Walnut desk lamp" are still for sale

    Example: There is nothing to order
      When Asha tries to check out to "12 Quay Street, Galway"
      Then she is told "The cart is empty"

  Rule: What is ordered is paid for before much more is

    Example: Asha has not paid for five orders
      Given Asha has 5 orders that await payment
      And Asha has 1 of the "Beech chair" in her cart
      When Asha tries to check out to "12 Quay Street, Galway"
      Then she is told "Other orders have to be paid or cancelled first"
      And her cart still holds 1 of the "Beech chair"
      And she has 5 orders

    Example: Asha has paid for one of her five orders
      Given Asha has 5 orders that await payment
      And her order has become paid
      And Asha has 1 of the "Beech chair" in her cart
      When Asha checks out to "12 Quay Street, Galway"
      Then her order of 129.99 EUR awaits payment

    Example: Asha, whose address nobody has verified, has cancelled one of five orders
      Given Asha has 5 orders that await payment
      And Asha has cancelled her order
      And Asha has 1 of the "Beech chair" in her cart
      When Asha tries to check out to "12 Quay Street, Galway"
      Then she is told "The address of the account is not verified"
      And her cart still holds 1 of the "Beech chair"

  Rule: What was not ordered stays in the cart

    Example: Asha adds a chair while her lamp is being ordered
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And the catalog offers a "Beech chair" at 89.50 EUR with 5 in stock
      And Asha has 1 of the "Walnut desk lamp" in her cart
      When Asha checks out and at once puts 1 of the "Beech chair" in her cart
      Then her order of 129.99 EUR awaits payment
      And her cart comes to hold nothing but 1 of the "Beech chair"

    Example: Asha adds another lamp while her lamp is being ordered
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has 2 of the "Walnut desk lamp" in her cart
      When Asha checks out and at once puts 1 of the "Walnut desk lamp" in her cart
      And Asha checks out to "12 Quay Street, Galway"
      Then her order of 129.99 EUR awaits payment
      And she has 2 orders
      And 2 of the "Walnut desk lamp" are still for sale
      And her cart becomes empty

  Rule: A parcel goes wherever there are people

    Example: Asha lives in Hong Kong, where there are no postcodes
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has 1 of the "Walnut desk lamp" in her cart
      When Asha checks out to "1 Harbour Road, Hong Kong"
      Then her order of 129.99 EUR awaits payment

    Example: Asha leaves the second line of the form empty
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has 1 of the "Walnut desk lamp" in her cart
      When Asha checks out to "12 Quay Street, Galway" on a form whose second line is empty
      Then her order of 129.99 EUR awaits payment
