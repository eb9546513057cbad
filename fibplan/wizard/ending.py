"""How a session is ended for good: after what is safe to leave was told, with a reason, and said twice."""

from fibplan.wizard import session_questions as ask
from fibplan.wizard.guidance import safe_to_leave
from fibplan.wizard.screen import Block, Page, labelled, line, wrapped
from fibplan.wizard.seat import Seat


def asked_abort(seat: Seat) -> str | None:
    """The reason, or None where the person thinks again."""

    def screen(page: Page) -> list[Block]:
        session = seat.open
        told = [line("ABORT: the session ends here and can not be resumed", "bold red"), line("")]
        for place, text in enumerate(safe_to_leave(session.plan, session.state)):
            told += labelled("" if place else "safe?", text, page.width)
        kept = "What was recorded stays; 'leave' instead lets the session be resumed."
        return [Block((*told, line(""), *wrapped(kept, page.width)))]

    if seat.desk.ask(ask.sure("This ends the session."), screen) != "abort":
        return None
    return seat.desk.ask(ask.reason("session.abort", "Why does it end here?", "after abort"), screen)
