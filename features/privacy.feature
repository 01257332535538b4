Feature: What is nobody else's business

  Somebody else's order looks like one that never was, and what services ask of
  each other is asked by nobody else.

  Example: Bram looks for Asha's order
    Given Asha has ordered 1 of the "Walnut desk lamp"
    When Bram looks for Asha's order
    Then it looks to him like an order that never was
    And he sees no payment, parcel or mail of it

  Example: Bram wants to cancel Asha's order
    Given Asha has ordered 1 of the "Walnut desk lamp"
    When Bram tries to cancel Asha's order
    Then Bram is told "There is no such order"
    And Asha's order still awaits payment

  Example: Nobody is asked who they are not
    Given Asha has ordered 1 of the "Walnut desk lamp"
    When somebody unknown looks for Asha's order
    Then they are told "Who is asking is not known"

  Example: The back door is shut
    When Asha tries all that services ask of each other
    Then nobody is there to answer

  Example: The back door is shut for admins too
    When an admin tries all that services ask of each other
    Then nobody is there to answer
