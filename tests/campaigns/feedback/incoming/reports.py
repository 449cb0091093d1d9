"""What mail servers and mailbox providers send back, around the bytes that really left."""

from __future__ import annotations


def dsn(
    original: bytes,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <ann@example.org>: no such user here",
    recipient: str = "ann@example.org",
    headers_alone: bool = False,
) -> bytes:
    """A delivery status notification as Postfix writes it."""
    kind, returned = "message/rfc822", original
    if headers_alone:
        kind, returned = "text/rfc822-headers", original.partition(b"\r\n\r\n")[0]
    lines = [
        "Return-Path: <>",
        "From: MAILER-DAEMON@mx.example.net (Mail Delivery System)",
        "Subject: Undelivered Mail Returned to Sender",
        "To: news@example.org",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B0/mx.example.net"',
        "",
        "This is a MIME-encapsulated message.",
        "",
        "--B0/mx.example.net",
        "Content-Description: Notification",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "I'm sorry to have to inform you that your message could not be delivered.",
        "",
        "--B0/mx.example.net",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.net",
        "Arrival-Date: Sun, 22 Nov 2026 10:00:00 +0000 (UTC)",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: {diagnostic}",
        "",
        "--B0/mx.example.net",
        f"Content-Type: {kind}",
        "",
    ]
    return "\r\n".join(lines).encode() + b"\r\n" + returned + b"\r\n--B0/mx.example.net--\r\n"


def arf(original: bytes, *, kind: str = "abuse") -> bytes:
    """A complaint in the Abuse Reporting Format."""
    lines = [
        "From: <abuse@example.net>",
        "Subject: FW: May (en)",
        "To: <abuse@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=feedback-report;",
        '\tboundary="part1_13d.2e68ed54_boundary"',
        "",
        "--part1_13d.2e68ed54_boundary",
        'Content-Type: text/plain; charset="US-ASCII"',
        "",
        "This is an email abuse report for an email message.",
        "",
        "--part1_13d.2e68ed54_boundary",
        "Content-Type: message/feedback-report",
        "",
        f"Feedback-Type: {kind}",
        "User-Agent: SomeGenerator/1.0",
        "Version: 1",
        "",
        "--part1_13d.2e68ed54_boundary",
        "Content-Type: message/rfc822",
        "Content-Disposition: inline",
        "",
    ]
    return "\r\n".join(lines).encode() + b"\r\n" + original + b"\r\n--part1_13d.2e68ed54_boundary--\r\n"


def letter(subject: str, body: str = "", **headers: str) -> bytes:
    """What a mail program writes."""
    lines = ["From: Ann <ann@example.org>", "To: news@example.org", f"Subject: {subject}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", body]).encode()
