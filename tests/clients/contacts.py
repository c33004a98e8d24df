"""The contacts system's document, step by step, as its client did it: two people log in, get their lists, join every room,
attach their handlers only then, and talk. Prints at the end what they received, as one line of JSON."""

import faulthandler
import json
import os
import threading
import time

import requests
import socketio

URL, PASSWORD, TRANSPORTS = os.environ["URL"], os.environ["PASSWORD"], os.environ["TRANSPORTS"].split(",")
MUST_LOG_IN_AGAIN = "Error! User '%s' must disconnect, re login and reconnect so the conversation can be resumed."
EVENTS = ["received_message", "new_user_online", "user_has_gone_offline"]

# Prints a traceback should it hang.
faulthandler.dump_traceback_later(50)
changed = threading.Condition()


def post(path, **body):
    return requests.post(URL + path, json=body, timeout=10).json()


def contacts_list(name, jwt):
    headers = {"username": name, "jwt": jwt}
    return requests.get(f"{URL}/get_contacts_list/{name}", headers=headers, timeout=10).json()


class Person:
    def __init__(self, name):
        self.name, self.received, self.joins, self.lists = name, [], [], []
        self.client = socketio.Client()
        self.client.connect(URL, transports=TRANSPORTS)
        self.log_in()
        # As slow as a window that opens.
        time.sleep(1)
        for event in EVENTS:
            self.client.on(event, self.recorder(event))

    def log_in(self):
        self.jwt = post("/log_in", username=self.name, password=PASSWORD)["token"]
        self.lists.append(contacts_list(self.name, self.jwt))
        for room in self.lists[-1]["contacts"].values():
            self.joins.append(self.client.call("join", {"room": room, "client": self.name, "jwt": self.jwt}))

    def recorder(self, event):
        def record(fields):
            with changed:
                self.received.append([event, *fields.values()])
                changed.notify_all()

        return record

    def waits_for(self, *event):
        with changed:
            if not changed.wait_for(lambda: list(event) in self.received, timeout=15):
                raise SystemExit(f"{self.name} did not receive {event}, but {self.received}")

    def send(self, content, other):
        room = self.lists[-1]["contacts"].get(other, f"{self.name}&{other}")
        message = {"sender": self.name, "content": content, "conversation_room": room, "jwt": self.jwt}
        self.client.emit("client_sends_message", message)

    def goodbye(self):
        return self.client.call("client_disconnection", {"client": self.name, "jwt": self.jwt})


avi = Person("Avi")
lisa = Person("Lisa")
avi.waits_for("new_user_online", "Lisa")
lisa.waits_for("new_user_online", "Lisa")
avi.client.emit("connection_alive", {"client": "Avi"})
avi.send("hello Lisa", "Lisa")
lisa.waits_for("received_message", "Avi", "hello Lisa")
lisa.send("hello Avi", "Avi")
avi.waits_for("received_message", "Lisa", "hello Avi")
avi.send("is anybody there?", "nobody-here")

goodbyes = [lisa.goodbye()]
lisa.client.disconnect()
avi.waits_for("user_has_gone_offline", "Lisa")
for number in range(3):
    avi.send(f"waits {number}", "Lisa")
avi.waits_for("received_message", "Avi", "waits 2")
back = Person("Lisa")
back.waits_for("received_message", "Avi", "waits 2")
avi.waits_for("new_user_online", "Lisa")

admin = {"username": "root", "password": PASSWORD}
online = post("/admin/get_info", **admin)
killed = post("/admin/kill_token", **admin, user_token_terminate="Avi")
back.waits_for("user_has_gone_offline", "Avi")
avi.send("lost", "Lisa")
avi.waits_for("received_message", "Admin", MUST_LOG_IN_AGAIN % "Avi")
connected = avi.client.connected
avi.log_in()
# Presence is broadcast at most once a second.
back.waits_for("new_user_online", "Avi")
avi.send("and again", "Lisa")
back.waits_for("received_message", "Avi", "and again")

transport = avi.client.eio.transport()
goodbyes += [avi.goodbye(), back.goodbye()]
after = contacts_list("Avi", avi.jwt)
for person in [avi, back]:
    person.client.disconnect()
people = {"avi": avi, "lisa": lisa, "back": back}
report = {name: {"received": who.received, "joins": who.joins, "lists": who.lists} for name, who in people.items()}
report |= {"online": online, "killed": killed, "connected": connected, "goodbyes": goodbyes}
print(json.dumps({**report, "after": after, "transport": transport}), flush=True)
os._exit(0)
