"""What somebody is told when something is refused."""

from behave import then


@then("{shopper} is told {string}")
def wait_for_mail_about(context, _who, title):
    assert context.world.last_problem().title == title, context.world.last_problem().problem


@then("{shopper} is told {string}, namely {string}")
def is_told_more(context, _who, title, detail):
    assert (context.world.last_problem().title, context.world.last_problem().detail) == (title, detail), (
        context.world.last_problem().problem
    )


@then("the warehouse is told {string}")
@then("they are told {string}")
def they_are_told(context, title):
    assert context.world.last_problem().title == title, context.world.last_problem().problem
