import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.epos import codec, markup
from edge_hub.sdk import http
from edge_hub.sdk.errors import BadFrame

ANSWER = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><response success="true" code="" '
    'status="251658262" battery="0" xmlns="http://www.epson-pos.com/schemas/2011/03/epos-print"/></s:Body></s:Envelope>'
)


def parsed(data, limit=codec.ANSWER_BYTES_MAX):
    return http.Parser(limit).feed(data)


def test_the_request_as_epson_documents_it():
    data = codec.request("10.0.0.5", "<cut/>", device="local_printer", timeout_s=10)
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /cgi-bin/epos/service.cgi?devid=local_printer&timeout=10000 HTTP/1.1\r\n")
    assert b'\r\nContent-Type: text/xml; charset=utf-8\r\nSOAPAction: ""\r\n' in head
    assert body.endswith(
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        b'<epos-print xmlns="http://www.epson-pos.com/schemas/2011/03/epos-print"><cut/></epos-print>'
        b"</s:Body></s:Envelope>"
    )


def test_an_answer_counted_chunked_and_torn():
    body = ANSWER.encode()
    counted = http.encode("HTTP/1.1 200 OK", {}, body)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\n\r\n"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    for data in (counted, chunked, b"HTTP/1.1 100 Continue\r\n\r\n" + counted):
        parser = http.Parser(codec.ANSWER_BYTES_MAX)
        (message,) = [message for byte in data for message in parser.feed(bytes((byte,)))]
        answer = codec.answer(message)
        assert answer == codec.Answer(True, "", 0x0F000016)
        assert answer.has("printed")
        assert answer.has("pin_high")
        assert not answer.spooled


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"SSH-2.0-OpenSSH_9\r\n\r\n",
        b"\xff" * 9000,
    ],
)
def test_what_is_no_http_is_refused(data):
    with pytest.raises(BadFrame):
        parsed(data)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Login</html>",
        b"<a><b></a>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"<a>" * 20 + b"</a>" * 20,
        b"<a>" + b"<b/>" * 100 + b"</a>",
        ANSWER.replace('"true"', '"maybe"').encode(),
        ANSWER.replace("251658262", "1e9").encode(),
    ],
)
def test_an_answer_that_is_none_is_refused(body):
    (message,) = parsed(http.encode("HTTP/1.1 200 OK", {}, body))
    with pytest.raises(BadFrame):
        codec.answer(message)


@given(st.lists(st.binary(max_size=60), max_size=20), st.booleans())
def test_any_bytes_in_any_pieces(pieces, begun):
    def outcome(parts):
        parser, found = http.Parser(1000), []
        try:
            for part in parts:
                found += parser.feed(part)
        except BadFrame:
            found.append(None)
        return found

    data = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" if begun else b"") + b"".join(pieces)
    assert outcome([data]) == outcome([data[at : at + 1] for at in range(len(data))])


@given(st.text(max_size=80))
def test_text_is_text_whatever_it_holds(text):
    cleaned = "".join(c for c in text if c == "\n" or (c >= " " and not "\ud800" <= c <= "\udfff"))
    root = markup.parse(markup.element("a", cleaned, b=cleaned.replace("\n", "")).encode(), elements_max=1)
    assert root.text == cleaned.translate({0xFFFE: None, 0xFFFF: None})
