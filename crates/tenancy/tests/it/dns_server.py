"""A small DNS server: answers TXT queries with what it was told on its input, the rest with NXDOMAIN.

The operating system chooses the UDP port, which is printed. Each line of the input is a record, `name=value`,
and is acknowledged. `|` in a value parts it into several strings; the value `SERVFAIL` makes the name fail, and `WITHDRAWN` takes
all records of the name away.
"""

import selectors
import socket
import sys

from dnslib import DNSRecord, QTYPE, RCODE, RR, TXT


def main():
    records = {}
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    waiting = selectors.DefaultSelector()
    waiting.register(server, selectors.EVENT_READ)
    waiting.register(sys.stdin.fileno(), selectors.EVENT_READ)
    while True:
        for ready, _ in waiting.select():
            if ready.fileobj is server:
                query, client = server.recvfrom(4096)
                server.sendto(answer(DNSRecord.parse(query), records).pack(), client)
            elif not publish(records):
                return


def publish(records):
    line = sys.stdin.readline()
    if not line:
        return False
    name, value = line.rstrip("\n").split("=", 1)
    if value == "WITHDRAWN":
        records.pop(name.lower(), None)
    else:
        records.setdefault(name.lower(), []).append(value)
    print("published", flush=True)
    return True


def answer(query, records):
    reply = query.reply()
    values = records.get(str(query.q.qname).rstrip(".").lower())
    if values is None:
        reply.header.rcode = RCODE.NXDOMAIN
    elif "SERVFAIL" in values:
        reply.header.rcode = RCODE.SERVFAIL
    elif query.q.qtype == QTYPE.TXT:
        for value in values:
            reply.add_answer(RR(query.q.qname, QTYPE.TXT, ttl=60, rdata=TXT(value.split("|"))))
    return reply


if __name__ == "__main__":
    main()
