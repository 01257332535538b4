Feature: Shipping

  A parcel leaves when it is paid for, and its shopper can follow it.

  Example: The warehouse is too early
    Given Asha has ordered 1 of the "Walnut desk lamp"
    When the warehouse tries to dispatch her parcel
    Then the warehouse is told "The shipment is not in a state that allows this"
    And her parcel waits for her payment

  Example: The warehouse knows what to pack
    Given Asha has paid for 2 of the "Walnut desk lamp"
    Then the warehouse reads on her parcel that 2 of the "Walnut desk lamp" go into it

  Example: A parcel cannot arrive before it has left
    Given Asha has paid for 1 of the "Walnut desk lamp"
    When the warehouse tries to deliver her parcel
    Then the warehouse is told "The shipment is not in a state that allows this"
    And her parcel to "12 Quay Street, Galway" becomes ready to ship

  Example: The parcel is scanned twice
    Given Asha has paid for 1 of the "Walnut desk lamp"
    And the warehouse has dispatched her parcel
    When the warehouse dispatches her parcel
    Then she is e-mailed once that her parcel is on its way

  Example: The mail names the number to follow the parcel by
    Given Asha has paid for 1 of the "Walnut desk lamp"
    When the warehouse dispatches her parcel
    Then the mail that her parcel is on its way names its tracking number

  Rule: A wrong tracking number is put right

    Example: The warehouse has noted a wrong number
      Given Asha has paid for 1 of the "Walnut desk lamp"
      And the warehouse has dispatched her parcel
      When the warehouse corrects the number of her parcel to "LX987654321IE"
      Then the mail that her parcel has another tracking number names its tracking number

    Example: The warehouse is mistaken twice
      Given Asha has paid for 1 of the "Walnut desk lamp"
      And the warehouse has dispatched her parcel
      And the warehouse has corrected the number of her parcel to "LX987654321IE"
      When the warehouse corrects the number of her parcel to "LX123456789IE"
      Then she is e-mailed 2 times that her parcel has another tracking number

    Example: Another number is scanned on a parcel that has left
      Given Asha has paid for 1 of the "Walnut desk lamp"
      And the warehouse has dispatched her parcel
      When the warehouse tries to dispatch her parcel under "LX987654321IE"
      Then the warehouse is told "The parcel has left with another carrier or number"
      And the warehouse is told the number under which it has left

    Example: It is too late for a parcel that has arrived
      Given Asha has paid for 1 of the "Walnut desk lamp"
      And the warehouse has dispatched her parcel
      And her parcel has been delivered
      When the warehouse tries to correct the number of her parcel to "LX987654321IE"
      Then the warehouse is told "The shipment is not in a state that allows this"
