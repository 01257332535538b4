"""Whether the work at hand is a request's, or goes on beside them."""

from contextvars import Context, ContextVar, copy_context

from chassis.runtime.deadline import DEADLINE

# Known to all that background work begins; what it does to the database waits for no request.
IS_BACKGROUND_TASK: ContextVar[bool] = ContextVar("IS_BACKGROUND_TASK", default=False)


def background_context() -> Context:
    """The current context, but in the background: for a task that is begun here and is not part of a request."""
    context = copy_context()
    context.run(IS_BACKGROUND_TASK.set, True)
    context.run(DEADLINE.set, None)
    return context
