"""What somebody is told when something is refused."""

from behave import then


@then("{shopper} is told {string}")
def is_told(context, _who, title):
    assert context.cast.told().title == title, context.cast.told().problem


@then("{shopper} is told {string}, namely {string}")
def is_told_more(context, _who, title, detail):
    assert (context.cast.told().title, context.cast.told().detail) == (title, detail), context.cast.told().problem


@then("the warehouse is told {string}")
@then("they are told {string}")
def they_are_told(context, title):
    assert context.cast.told().title == title, context.cast.told().problem
