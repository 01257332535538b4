@browser
Feature: The shop's pages

  Whoever has a browser can shop, also with one that runs no scripts.

  Rule: A shopper needs nothing but the pages and a mailbox

    @journey
    Example: Asha comes by, opens an account and buys two lamps
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      When Asha finds the "Walnut desk lamp" on the pages
      Then she reads "€129.99"
      When she puts 2 of them in her cart on the pages
      Then she reads "€259.98"
      When she opens an account on the pages
      And she orders to "12 Quay Street, Galway" on the pages
      Then she reads "Pay €259.98"
      And 3 of the "Walnut desk lamp" are still for sale
      When she pays on the pages
      Then she reads "Thank you, your order is paid"
      And she is e-mailed that her payment arrived
      When she opens the link of the mail that says "Please confirm your address"
      And she presses "Verify this address"
      Then she reads "Your address is verified"
      And her address is verified

    Example: Asha has forgotten her password
      Given Asha registers and logs in
      When Asha comes by on the pages
      And she follows "Sign in"
      And she follows "Forgotten the password?"
      And she writes her address and presses "Send the link"
      Then she reads "If that address has an account here"
      When she opens the link of the mail that says "Choose another password"
      And she writes "a longer walk by the quay" as her password and presses "Use this password"
      And she signs in on the pages with "a longer walk by the quay"
      Then she reads "Sign out"

  Rule: A shopper looks after account and orders there

    Example: Asha takes another password
      Given Asha registers and logs in
      When Asha signs in on the pages with "a long walk by the quay"
      And she follows "Account"
      And she follows "Change the password"
      And she writes "a long walk by the quay" as her password of now
      And she writes "a longer walk by the quay" as her password and presses "Change the password"
      Then she reads "With us since"
      When she signs in on the pages with "a longer walk by the quay"
      Then she reads "Sign out"

    Example: Asha has changed her mind
      Given Asha has ordered 1 of the "Walnut desk lamp"
      When Asha signs in on the pages with "a long walk by the quay"
      And she follows "Account"
      And she follows "Your orders"
      And she follows "Walnut desk lamp"
      And she follows "Cancel the order"
      Then she reads "What was set aside for you is for sale again"
      When she presses "Yes, cancel it"
      Then she reads "This order was cancelled"
      And her order is cancelled, because she wanted it so

    Example: Asha reads what became of an order that she paid and cancelled
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 5 in stock
      And Asha has paid for 1 of the "Walnut desk lamp"
      When Asha cancels her order
      Then the timeline of her order comes to say "placed, paid, packed, cancelled, refunded"
      When Asha signs in on the pages with "a long walk by the quay"
      And she follows "Account"
      And she follows "Your orders"
      And she follows "Walnut desk lamp"
      Then she reads "This order was cancelled, and the money is paid back"
      And she reads "Order placed, stock set aside"
      And she reads "Paid: €129.99"
      And she reads "Ready to be packed"
      And she reads "Cancelled, as you asked"
      And she reads "Paid back: €129.99"

    Example: Asha leaves
      Given Asha registers and logs in
      When Asha signs in on the pages with "a long walk by the quay"
      And she follows "Account"
      And she follows "Delete the account"
      And she writes "not the quay" as her password of now
      And she presses "Yes, delete it"
      Then she reads "The password is wrong."
      When she writes "a long walk by the quay" as her password of now
      And she presses "Yes, delete it"
      Then she reads "The account is deleted"

  Rule: What is refused says why, where it was written

    Example: Bram wants the lamp that Asha has bought
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 1 in stock
      And Bram has 1 of the "Walnut desk lamp" in his cart
      But Asha has ordered 1 of the "Walnut desk lamp"
      When Bram signs in on the pages with "a long walk by the quay"
      And he tries to order to "3 Kade, Utrecht" on the pages
      Then he reads "Somebody was quicker"
      And he reads "3 Kade"
      And his cart still holds 1 of the "Walnut desk lamp"
