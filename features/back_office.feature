@browser
Feature: The back office

  Whoever keeps the shop does the day's work on its pages: parcels leave and
  arrive, goods come in and are counted, and what is refused says why.

  Rule: What is paid for goes out

    @journey
    Example: Asha's parcel goes its way
      Given Asha has paid for 2 of the "Walnut desk lamp"
      When the warehouse opens her parcel in the back office
      Then the warehouse reads "Walnut desk lamp"
      And the warehouse reads "× 2"
      When the warehouse hands it to "DPD" as "DPD-123"
      Then the warehouse reads "On its way"
      And she is e-mailed that her parcel is on its way
      When the warehouse puts its number right, to "DPD-124"
      Then she is e-mailed that her parcel has another tracking number
      When the warehouse notes that it has arrived
      Then the warehouse reads "Delivered"
      And she is e-mailed that her parcel has arrived

    Example: Asha changes her mind while her parcel is being packed
      Given Asha has paid for 1 of the "Walnut desk lamp"
      When the warehouse opens her parcel in the back office
      And she cancels her order
      And the warehouse hands it to "DPD" as "DPD-123"
      Then the warehouse reads "The parcel is not in a state for this"
      And her parcel does not leave

  Rule: The shop sells what is on its shelves

    Example: A delivery comes, and two lamps of it are broken
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 1 in stock
      When the warehouse opens the "Walnut desk lamp" in the back office
      And the warehouse notes there that 10 have arrived
      And the warehouse takes 2 out there, because they are "broken in the lorry"
      Then the warehouse reads "broken in the lorry"
      And 9 of the "Walnut desk lamp" are still for sale

    Example: What is set aside for an order stays on the shelf
      Given the catalog offers a "Walnut desk lamp" at 129.99 EUR with 3 in stock
      And Asha has ordered 2 of the "Walnut desk lamp"
      When the warehouse opens the "Walnut desk lamp" in the back office
      And the warehouse takes 2 out there, because they are "broken in the lorry"
      Then the warehouse reads "Fewer pieces would be left than are set aside for orders."
      And 1 of the "Walnut desk lamp" are still for sale

  Rule: Not everybody may stay

    Example: Asha's account is in other hands
      Given Asha registers and logs in
      When Asha signs in on the pages with "a long walk by the quay"
      And the warehouse keeps her out in the back office
      And she follows "Account"
      Then she reads "Sign in"
      When she tries to log in with "a long walk by the quay"
      Then she is told "The account is disabled"
