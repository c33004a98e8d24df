"""Unmodified Socket.IO clients that repeatedly send five messages and disconnect at once. Every second time they send a goodbye
before, and the time until others see them offline is measured; with CONTACTS they are clients of the contacts system. Prints
at the end how often that was."""

import json
import os
import sys
import time

import requests
import socketio

URL, TRANSPORTS, IS_OLD = os.environ["URL"], os.environ["TRANSPORTS"].split(","), os.environ.get("VERSION") == "4"
SENDS = 5

# The client's own thread that sends stops between two posts once `disconnect` was called, and drops what is left. So it gets no
# turn, as a rule, before everything is in its queue: then all of it goes in one post.
sys.setswitchinterval(10)


def flush(client):
    """Waits until the client's thread has sent everything, or has ended because the server closed the connection."""
    queue, sender = client.eio.queue, client.eio.write_loop_task
    while queue.unfinished_tasks and sender.is_alive():
        sender.join(0.01)


def go(client):
    """Disconnects; false where the client itself has dropped something: it empties its queue at the end, by this method alone."""
    queue, sender = client.eio.queue, client.eio.write_loop_task
    dropped, take = [], queue.get_nowait

    def drop():
        dropped.append(take())
        return dropped[-1]

    queue.get_nowait = drop
    # On a socket `disconnect` closes it before that thread has its turn; it must have sent.
    if "websocket" in TRANSPORTS:
        flush(client)
    client.disconnect()
    sender.join()
    return all(packet is None for packet in dropped + list(queue.queue))


def offline_after(token):
    """Milliseconds until others see that avi is offline."""
    begun, headers = time.monotonic(), {"Authorization": "Bearer " + token}
    while True:
        seen = requests.get(URL + "/api/v1/presence?usernames=avi", headers=headers, timeout=10).json()
        took = int((time.monotonic() - begun) * 1000)
        if seen["presence"][0]["status"] == "offline" or took > 10_000:
            return took


def native(token, session, times, other):
    took, at = [], 0
    while at < times:
        client = socketio.Client(reconnection=False)
        if IS_OLD:
            client.connect(URL, transports=TRANSPORTS)
            assert client.call("hello", {"token": token})["ok"]
        else:
            client.connect(URL, transports=TRANSPORTS, auth={"token": token})
        # While the post that connects is under way, the client sends nothing else, and drops it when it disconnects.
        flush(client)
        for number in range(SENDS):
            client.emit("send", {"session": session, "text": f"{at}.{number}", "key": f"{at}.{number}"})
        if at % 2:
            client.emit("goodbye")
        if not go(client):
            continue
        if at % 2:
            took.append(offline_after(other))
        at += 1
    return {"done": times, "took": took}


def contacts(people):
    complete = []
    for name, jwt in people:
        client = socketio.Client(reconnection=False)
        client.connect(URL, transports=TRANSPORTS)
        flush(client)
        room = "&".join(sorted([name, "Lisa"]))
        client.emit("join", {"room": room, "client": name, "jwt": jwt})
        for number in range(SENDS):
            message = {"sender": name, "content": str(number), "conversation_room": room, "jwt": jwt}
            client.emit("client_sends_message", message)
        client.emit("client_disconnection", {"client": name, "jwt": jwt})
        if go(client):
            complete.append(name)
    return {"complete": complete}


if "CONTACTS" in os.environ:
    done = contacts(json.loads(os.environ["CONTACTS"]))
else:
    done = native(os.environ["TOKEN"], os.environ["SESSION"], int(os.environ["TIMES"]), os.environ["OTHER"])
print(json.dumps(done), flush=True)
