"""The sessions document's flow, step by step, with unmodified clients: requests and websocket-client. Prints at the end what
the two people received, as one line of JSON."""

import json
import os
import sys

import requests
import websocket

URL = os.environ["URL"]
PASSWORD = "correct horse battery"
received = {"Winston": [], "Nanda": []}
status = []


def post(path, name, password=PASSWORD):
    answer = requests.post(URL + path, json={"Username": name, "Password": password}, timeout=10)
    status.append(answer.status_code)
    return answer.json()


def load(token):
    answer = requests.get(URL + "/load", headers={"Authorization": "Bearer " + token}, timeout=10)
    status.append(answer.status_code)
    return answer.json()


def connect(headers=()):
    return websocket.create_connection(URL.replace("http", "ws", 1) + "/ws", header=list(headers), timeout=10)


def send(socket, frame):
    socket.send(json.dumps(frame))


def receive(name):
    frame = json.loads(sockets[name].recv())
    received[name].append(frame)
    return frame


# Step 1: registering and logging in.
ids = {name: post("/register", name)["UserID"] for name in received}
post("/register", "winston")
post("/login", "Nobody")
post("/login", "Winston", "wrong password")
tokens = {name: post("/login", name)["Authentication_Token"] for name in received}

# Step 2: there is nothing to load yet.
first = [load(token) for token in tokens.values()]

# Step 3: one authenticates when it connects, the other with its first frame.
sockets = {"Winston": connect(["Authorization: Bearer " + tokens["Winston"]]), "Nanda": connect()}
send(sockets["Nanda"], {"type": "Auth", "Authentication_Token": tokens["Nanda"]})

# Searching: rejected once (the button is pressed twice, whose error shows that the first one is done), accepted then.
for answers in [[0, 0], [1]]:
    send(sockets["Nanda"], {"type": "Search", "Username": "Winston"})
    asker = receive("Winston")["UserName"]
    for accepted in answers:
        send(sockets["Winston"], {"type": "request", "username": asker, "Accepted": accepted})
    if len(answers) > 1:
        receive("Winston")
session = receive("Winston")["SessionID"]
receive("Nanda")

# Step 4: messages both ways, each sent to both.
for name in received:
    message = {"data": "from " + name, "TimeStamp": "12:00", "Sender": ids[name]}
    send(sockets[name], {"type": "Messgae", "SessionID": session, "Message": message})
    receive("Winston")
    receive("Nanda")
send(sockets["Nanda"], {"type": "Search", "Username": "Nobody"})
receive("Nanda")

second = [load(token) for token in tokens.values()]
for socket in sockets.values():
    socket.close()
json.dump({"status": status, "ids": ids, "session": session, "received": received, "loads": [first, second]}, sys.stdout)
