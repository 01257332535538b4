import smtplib
from email.message import EmailMessage

import httpx
import pytest

from infra.test_servers.local import LocalServers

SHOP, ASHA, BRAM = "shop@example.com", "asha@example.com", "bram@example.com"


@pytest.fixture(scope="module")
def running_mail_server(tmp_path_factory):
    with LocalServers(tmp_path_factory.mktemp("mail"), own=True) as servers:
        yield servers.start("mail")["mail"]


@pytest.fixture
def inbox(running_mail_server):
    with httpx.Client(base_url=running_mail_server["url"]) as client:
        client.delete("/api/v1/messages")
        yield client


@pytest.fixture
def send(running_mail_server):
    def send(to, subject, text="Your order is on its way.", html=None):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = SHOP, to, subject, f"<{subject}@example.com>"
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        host, _, port = running_mail_server["smtp"].partition(":")
        with smtplib.SMTP(host, int(port)) as smtp:
            smtp.send_message(mail)

    return send


def subjects(answer):
    return [mail["Content"]["Headers"]["Subject"][0] for mail in answer.json()["items"]]


def test_mails_are_listed_newest_first_as_mailhog_lists_them(inbox, send):
    send(ASHA, "first")
    send(BRAM, "second")

    answer = inbox.get("/api/v2/messages", params={"limit": 1})

    page = answer.json()
    assert (page["total"], page["count"], page["start"], subjects(answer)) == (2, 1, 0, ["second"])
    mail = page["items"][0]
    assert mail["Raw"]["To"] == [BRAM]
    assert (mail["To"][0]["Mailbox"], mail["To"][0]["Domain"]) == ("bram", "example.com")
    assert mail["Content"]["Headers"]["Message-ID"] == ["<second@example.com>"]
    assert "on its way" in mail["Content"]["Body"]


@pytest.mark.parametrize(
    ("kind", "query", "found"),
    [("to", "ASHA", ["for Asha"]), ("containing", "walnut", ["for Bram"]), ("from", SHOP, ["for Bram", "for Asha"]),
     ("to", "nobody", [])],
    ids=["to whom, whatever the case", "by a word in it", "from whom", "nothing"],
)  # fmt: skip
def test_mails_are_found(inbox, send, kind, query, found):
    send(ASHA, "for Asha")
    send(BRAM, "for Bram", "A Walnut desk lamp.")

    assert subjects(inbox.get("/api/v2/search", params={"kind": kind, "query": query})) == found


def test_one_mail_or_all_are_deleted(inbox, send):
    send(ASHA, "first")
    send(ASHA, "second")
    newest = inbox.get("/api/v2/messages").json()["items"][0]["ID"]

    inbox.delete(f"/api/v1/messages/{newest}")

    assert subjects(inbox.get("/api/v2/messages")) == ["first"]
    assert inbox.get(f"/api/v1/messages/{newest}").status_code == 404
    inbox.delete("/api/v1/messages")
    assert inbox.get("/api/v2/messages").json()["total"] == 0


def test_a_mail_is_shown_as_a_page_that_may_do_nothing(inbox, send):
    send(ASHA, "greetings", html="<p>Grüße, 阿莎</p><script>steal()</script>")
    mail = inbox.get("/api/v2/messages").json()["items"][0]["ID"]

    page = inbox.get(f"/view/{mail}/html")

    assert page.headers["content-type"].startswith("text/html")
    assert "Grüße, 阿莎" in page.text
    assert page.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "on its way" in inbox.get(f"/view/{mail}/plain").text


def test_a_mail_that_cannot_be_read_is_taken_and_keeps_no_other_from_being_shown(running_mail_server, inbox, send):
    host, _, port = running_mail_server["smtp"].partition(":")
    with smtplib.SMTP(host, int(port)) as smtp:
        smtp.sendmail(SHOP, [ASHA], b"Content-Type: text/plain; charset=nonsense\r\nSubject: =?x\r\n\r\n\xff\xfe\r\n")
    send(BRAM, "readable")

    assert [mail["Raw"]["To"] for mail in inbox.get("/api/v2/messages").json()["items"]] == [[BRAM], [ASHA]]
    assert inbox.get("/api/v2/search", params={"kind": "to", "query": "asha"}).json()["total"] == 1


def test_commands_may_come_several_at_a_time(running_mail_server, inbox):
    host, _, port = running_mail_server["smtp"].partition(":")
    with smtplib.SMTP(host, int(port)) as smtp:
        smtp.ehlo("shop.example")
        assert smtp.has_extn("pipelining")
        smtp.send(f"MAIL FROM:<{SHOP}>\r\nRCPT TO:<{ASHA}>\r\nDATA\r\n")
        assert [smtp.getreply()[0] for _ in range(3)] == [250, 250, 354]
        smtp.send("Subject: pipelined\r\n\r\nAll at once.\r\n.\r\n")
        assert smtp.getreply()[0] == 250

    assert subjects(inbox.get("/api/v2/messages")) == ["pipelined"]


def test_the_inbox_page_puts_mails_into_a_sandbox(inbox):
    page = inbox.get("/")

    assert page.status_code == 200
    assert '<iframe id="body" sandbox' in page.text


@pytest.mark.parametrize(
    "question",
    ["/api/v2/search?kind=colour&query=red", "/api/v2/messages?limit=many"],
    ids=["an unknown kind", "a limit that is no number"],
)
def test_a_question_it_cannot_answer_is_refused(inbox, send, question):
    send(ASHA, "kept")

    assert inbox.get(question).status_code == 400
    assert subjects(inbox.get("/api/v2/messages")) == ["kept"]


def test_a_page_of_another_site_cannot_read_it_by_a_borrowed_name(inbox):
    assert inbox.get("/api/v2/messages", headers={"Host": "shop.attacker.example"}).status_code == 400
