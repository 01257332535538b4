Feature: Accounts

  Everybody may open an account. It is a shopper's, whatever they ask for.

  Rule: An account is a shopper's

    Example: Asha opens an account
      When Asha registers and logs in
      Then she is known as a customer

    Example: Asha asks to be an admin
      When Asha tries to register as an admin
      Then she is told "The request is not what the contract says"
      And there is no account of hers

    Example: A shopper may not put things on sale
      When Asha tries to put a "Walnut desk lamp" on sale
      Then she is told "Whoever is asking may not do this"

    Example: The address has an account already
      Given Asha registers and logs in
      When Asha tries to register once more
      Then she is told "The address already has an account"

    Example: The address is written in another way
      Given Asha has an account under an address at "bücher.example"
      When she tries to register with that address at "XN--BCHER-KVA.example"
      Then she is told "The address already has an account"

    Example: A password that everybody tries first
      When Asha tries to register with the password "iloveyou"
      Then she is told "The password is one of the commonest"
      And there is no account of hers

  Rule: Only the right password opens it

    Example: The password is wrong
      Given Asha registers and logs in
      When Asha tries to log in with "a short walk by the quay"
      Then she is told "The address or the password is wrong"

    Example: The keyboard puts letters together in another way
      Given Asha has an account with the password "café by the quay"
      When she logs in with the accent typed by itself
      Then she is known as a customer

    Example: A stranger guesses at her password
      Given Asha registers and logs in
      When a stranger elsewhere guesses at Asha's password 12 times
      Then he is told "There were too many attempts"
      But Asha logs in again

  Rule: A session is one, however many tabs it has

    Example: Asha stays, then leaves
      Given Asha registers and logs in
      When Asha goes on with her session
      Then she is known as a customer
      When Asha logs out
      Then she cannot go on with her session

    Example: Two tabs wake up together
      Given Asha registers and logs in
      When both of Asha's tabs go on with her session at once
      Then both of her tabs stay signed in

    Example: Asha leaves in one tab
      Given both of Asha's tabs go on with her session at once
      When Asha logs out
      Then none of her tabs stays signed in

  Rule: A mail brings back who forgot the password

    Example: Asha forgets her password
      Given Asha registers and logs in
      When Asha says that she forgot her password
      And she follows the link of the mail to the password "a longer walk by the quay"
      Then she cannot go on with her session
      But Asha logs in again

    Example: The link is followed twice
      Given Asha registers and logs in
      When Asha says that she forgot her password
      And she follows the link of the mail to the password "a longer walk by the quay"
      And she tries to follow it again to the password "three grey herons on a wall"
      Then she is told "The link is not valid any more"
      But Asha logs in again

  Rule: An address is whose mails somebody reads

    Example: Asha shows that the address is hers
      Given Asha registers and logs in
      When Asha follows the link of the mail to her address
      Then her address is verified

    Example: Asha moves to another address
      Given Asha registers and logs in
      When Asha follows the link of the mail to her address
      And Asha asks for another address
      Then she is e-mailed under the old one that her address is to be changed
      When she follows the link of the mail to the new address
      Then her address is verified
      And Asha logs in again

  Rule: Who wants to be forgotten is, beyond the books

    Example: Asha deletes her account
      Given Asha registers and logs in
      When Asha follows the link of the mail to her address
      And Asha deletes her account
      Then she is e-mailed a last time
      And there is no account of hers

    Example: Somebody at her computer does not know her password
      Given Asha registers and logs in
      When Asha tries to delete her account with "a short walk by the quay"
      Then she is told "The current password is wrong"
      But Asha logs in again
