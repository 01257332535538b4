"""What somebody is told when something is refused."""

from behave import then


@then("{shopper} is told {string}")
def is_told(context, _who, title):
    assert context.cast.told().title == title, context.cast.told().problem


@then("the warehouse is told {string}")
@then("they are told {string}")
def they_are_told(context, title):
    assert context.cast.told().title == title, context.cast.told().problem
