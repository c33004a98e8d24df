"""The sessions document's flow, step by step, with unmodified clients: requests and websocket-client. Says at the end what the
two people heard, as one line of JSON."""

import json
import os
import sys

import requests
import websocket

URL = os.environ["URL"]
PASSWORD = "correct horse battery"
heard = {"Winston": [], "Nanda": []}
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


def say(socket, frame):
    socket.send(json.dumps(frame))


def hear(name):
    frame = json.loads(sockets[name].recv())
    heard[name].append(frame)
    return frame


# Step 1: registering and logging in.
ids = {name: post("/register", name)["UserID"] for name in heard}
post("/register", "winston")
post("/login", "Nobody")
post("/login", "Winston", "wrong password")
tokens = {name: post("/login", name)["Authentication_Token"] for name in heard}

# Step 2: there is nothing to load yet.
first = [load(token) for token in tokens.values()]

# Step 3: one says who they are when they connect, the other with the first frame.
sockets = {"Winston": connect(["Authorization: Bearer " + tokens["Winston"]]), "Nanda": connect()}
say(sockets["Nanda"], {"type": "Auth", "Authentication_Token": tokens["Nanda"]})

# Searching: rejected once (the button is pressed twice, so that a no says when it is done), accepted then.
for answers in [[0, 0], [1]]:
    say(sockets["Nanda"], {"type": "Search", "Username": "Winston"})
    asker = hear("Winston")["UserName"]
    for accepted in answers:
        say(sockets["Winston"], {"type": "request", "username": asker, "Accepted": accepted})
    if len(answers) > 1:
        hear("Winston")
session = hear("Winston")["SessionID"]
hear("Nanda")

# Step 4: messages both ways, each told to both.
for name in heard:
    message = {"data": "from " + name, "TimeStamp": "12:00", "Sender": ids[name]}
    say(sockets[name], {"type": "Messgae", "SessionID": session, "Message": message})
    hear("Winston")
    hear("Nanda")
say(sockets["Nanda"], {"type": "Search", "Username": "Nobody"})
hear("Nanda")

second = [load(token) for token in tokens.values()]
for socket in sockets.values():
    socket.close()
json.dump({"status": status, "ids": ids, "session": session, "heard": heard, "loads": [first, second]}, sys.stdout)
