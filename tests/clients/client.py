"""An unmodified python-socketio client that sends and receives messages while its connection is cut. Its output has a line
for each `in`, `out` and `acknowledged`, and at the end the messages that it has, as one line of JSON."""

import faulthandler
import json
import os
import threading
import time

import socketio

SESSION, TOKEN, IS_OLD = os.environ["SESSION"], os.environ["TOKEN"], os.environ["VERSION"] == "4"
TRANSPORTS = os.environ["TRANSPORTS"].split(",")

# Prints a traceback should it hang.
faulthandler.dump_traceback_later(50)
client = socketio.Client(reconnection_delay=0.1, reconnection_delay_max=0.3, randomization_factor=0.1)
lock = threading.RLock()
texts, refused, received = {}, [], set()
counts = {"doubled": 0, "connects": 0, "outs": 0, "rev": 0}
is_in = threading.Event()


def report(line):
    with lock:
        print(line, flush=True)


def emit(name, fields, callback):
    # Not while one goes out: on the next connection it would come before `hello`, and end it.
    with lock:
        if is_in.is_set():
            client.emit(name, fields, callback=callback)


def catch_up():
    try:
        emit("sync", {"sessions": {SESSION: counts["rev"]}}, lambda *_: None)
    except Exception:  # Not connected just now: there will be another time.
        pass


@client.on("connect")
def connected():
    with lock:
        counts["connects"] += 1
        received.clear()
        outs = counts["outs"]

    def welcomed(answer):
        with lock:
            if not answer["ok"]:
                refused.append(answer)
            elif counts["outs"] == outs:
                ready(answer)

    if IS_OLD:
        # It cannot authenticate when it connects, and drops its headers after the first request.
        client.emit("hello", {"token": TOKEN}, callback=welcomed)


@client.on("ready")
def ready(_):
    is_in.set()
    catch_up()
    report("in")


@client.on("disconnect")
def disconnected(*_):
    with lock:
        counts["outs"] += 1
        is_in.clear()
    report("out")


@client.on("error")
def failed(error):
    refused.append(error)


@client.on("message")
def on_message(message):
    with lock:
        counts["doubled"] += message["seq"] in received
        received.add(message["seq"])
        texts[message["seq"]] = message["text"]


@client.on("changes")
def changed(changes):
    with lock:
        for message in changes["messages"]:
            texts[message["seq"]] = message["text"]
        # What came live in between may have come before or after: asked for again from here.
        counts["rev"] = max(counts["rev"], changes["to"])
    if changes["more"]:
        catch_up()


def send(text):
    answered, answer = threading.Event(), []
    try:
        fields = {"session": SESSION, "text": text, "key": text}
        emit("send", fields, lambda got: (answer.append(got), answered.set()))
    except Exception:  # Lost meanwhile.
        return None
    deadline = time.monotonic() + 3
    while not answered.wait(0.02):
        if not is_in.is_set() or time.monotonic() > deadline:
            return None
    return answer[0]


url = os.environ["URL"]
if IS_OLD:
    client.connect(url, transports=TRANSPORTS)
else:
    client.connect(url, transports=TRANSPORTS, auth={"token": TOKEN}, wait_timeout=10)
for at in range(int(os.environ["SENDS"])):
    text = "own %d" % at
    # Nobody is far ahead of the other, so that cuts hit both of them talking.
    while len(texts) < 2 * at - int(os.environ["AHEAD"]):
        time.sleep(0.01)
    while True:
        is_in.wait()
        answer = send(text)
        if answer and answer["ok"]:
            with lock:
                texts[answer["seq"]] = text
            report("acknowledged")
            break
        if answer:
            refused.append(answer)
transport = client.eio.transport()
while len(texts) < int(os.environ["TOTAL"]):
    time.sleep(0.3)
    catch_up()
with lock:
    in_order = [texts[seq] for seq in sorted(texts)]
    report_line = {"texts": in_order, "refused": refused, "transport": transport}
    report(json.dumps({**report_line, "doubled": counts["doubled"], "connects": counts["connects"]}))
client.disconnect()
os._exit(0)
