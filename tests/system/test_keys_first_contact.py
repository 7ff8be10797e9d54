# SPDX-License-Identifier: MIT
"""The first contact with a server on a terminal, and what comes after."""

import pytest

import noise_peer


@pytest.fixture
def meet(terminal, tmp_path):
    """Starts a client on a terminal, up to its question."""
    def start(running, *words, options=(), asks=True):
        client = terminal("--secure", *options, *running.address, *words,
                          HOME=str(tmp_path))
        if asks:
            client.expect(r"is a new server")
            client.expect(r"\(yes/no, or paste the key\)\? ")
        return client

    return start


def public_key(running):
    return running.output.expect(r"Public key: (\S+)$").group(1)


def lines(tmp_path):
    file = tmp_path / ".config" / "smx" / "known_servers"
    return file.read_text().splitlines() if file.exists() else []


def check_remembered(running, meet, tmp_path):
    assert lines(tmp_path) == [
        f"[127.0.0.1]:{running.port} {public_key(running)}"]
    client = meet(running, "date", asks=False)
    client.expect(r"^\d{4}-\d\d-\d\d$")
    assert client.wait() == 0
    assert "known" not in client.output.text


@pytest.mark.parametrize("answer", ["yes", "YES", "Yes", " yes "])
def test_yes_connects_and_is_remembered(server, meet, tmp_path, answer):
    running = server()
    client = meet(running, "date")
    assert public_key(running) in client.output.text
    client.type(f"{answer}\n")
    client.expect(r"^\d{4}-\d\d-\d\d$")
    assert client.wait() == 0
    check_remembered(running, meet, tmp_path)


def test_the_key_itself_connects_and_is_remembered(server, meet, tmp_path):
    running = server()
    client = meet(running, "date")
    client.type(public_key(running) + "\n")
    client.expect(r"^\d{4}-\d\d-\d\d$")
    assert client.wait() == 0
    check_remembered(running, meet, tmp_path)


@pytest.mark.parametrize("answer", ["no", "NO", "another key", "\x04"])
def test_no_or_another_key_or_the_end_refuses(server, meet, tmp_path, answer):
    running = server()
    if answer == "another key":
        answer = noise_peer.text_of(noise_peer.new_identity())
    client = meet(running, "date")
    client.type(answer if answer == "\x04" else answer + "\n")
    client.expect(r"^\[X\] .*not accepted$")
    assert client.wait() == 6
    assert lines(tmp_path) == []
    running.wait_for_counter("now", 0)
    assert running.counters()["DATE"] == 0


def test_what_is_no_answer_is_asked_again_and_not_for_ever(
        server, meet, tmp_path):
    client = meet(server(), "date")
    for answer in ("", "y", "yes\0", "y" * 300):
        client.type(f"{answer}\n")
        client.expect(r"\(yes/no, or paste the key\)\? ")
    client.type("ja\n")
    client.expect(r"\[X\] .*$")
    assert client.wait() == 6
    assert lines(tmp_path) == []


def test_the_menu_comes_after_the_question(server, meet, tmp_path):
    running = server()
    client = meet(running)
    client.type("yes\n")
    client.expect(r"^\[#\] Connection established with ")
    for _ in range(2):
        client.at_prompt().type("2\n")
        client.expect(r"Response from server: \d{4}-")
    client.at_prompt().type("4\n")
    client.expect(r"^\[#\] Connection established with ")
    client.at_prompt().type("5\n")
    assert client.wait() == 0
    assert client.output.text.count("is a new server") == 1
    assert len(lines(tmp_path)) == 1


def test_no_server_waits_for_the_person(server, meet):
    running = server()
    client = meet(running, "date")
    running.wait_for_counter("now", 0)
    client.type("yes\n")
    assert client.wait() == 0


def test_with_trust_new_nobody_is_asked(server, meet, tmp_path):
    running = server()
    client = meet(running, "date", options=["--trust-new"], asks=False)
    client.expect(r"^\d{4}-\d\d-\d\d$")
    assert client.wait() == 0
    check_remembered(running, meet, tmp_path)


def test_a_changed_key_is_no_question_on_a_terminal_either(
        server, meet, tmp_path):
    running = server()
    client = meet(running, "date")
    client.type("yes\n")
    assert client.wait() == 0
    file = tmp_path / ".config" / "smx" / "known_servers"
    other = noise_peer.text_of(noise_peer.new_identity())
    file.write_text(file.read_text().replace(public_key(running), other))
    client = meet(running, "date", asks=False)
    client.expect(r"\[X\] .*CHANGED")
    assert client.wait() == 6
    assert "yes" not in client.output.text


def test_another_key_at_the_second_connection_is_refused(
        peer, meet, tmp_path):
    """The one that was accepted is expected, and no other.

    Nor is it when the client asks for an older one, at the third.
    """
    sessions = []

    def script(session):
        sessions.append(session)
        session.handshake()     # each with an identity of its own
        session.serve()

    client = meet(peer(script, session_class=noise_peer.Session), "date")
    client.type("yes\n")
    client.expect(r"\[X\] .*CHANGED")
    assert client.wait() == 6
    assert len(sessions) == 3
