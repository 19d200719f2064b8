import os
import secrets
import time
import uuid

import jwt
from flask import Flask, abort, make_response, redirect, render_template, request, session

# Where a real app asks its database.
USERS = {
    "user-ana-01": {"id": "user-ana-01", "name": "Ana Rivera", "email": "ana@example.com", "plan": "free"},
    "user-bruno-02": {"id": "user-bruno-02", "name": "Bruno Costa", "email": "bruno@example.com", "plan": "pro"},
}

SECRET = os.environ["VAMBE_IDENTITY_SECRET"]
EXCHANGE = os.environ["VAMBE_PUBLIC_URL"]

app = Flask(__name__)
# Signs Flask's own session cookie. It is another secret than the one that signs proofs.
app.secret_key = os.environ.get("FLASK_SECRET_KEY") or secrets.token_hex(32)
app.config.update(SESSION_COOKIE_SAMESITE="Lax")


def signed_in_user():
    """From the session, never from what the page says."""
    return USERS.get(session.get("user"))


def proof_of(user):
    """A proof of who is signed in, for the exchange. It holds for ten minutes."""
    now = int(time.time())
    claims = {
        "sub": str(user["id"]),
        "name": user["name"],
        "email": user["email"],
        "plan": user["plan"],
        "aud": "vambe-identity",
        "iat": now,
        "exp": now + 600,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, SECRET, algorithm="HS256")


def for_this_user_alone(body):
    """No cache may hand it to another user."""
    response = make_response(body)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@app.get("/")
def page():
    user = signed_in_user()
    known = {"id": user["id"], "proof": proof_of(user)} if user else None
    return for_this_user_alone(
        render_template("page.html", user=user, users=USERS.values(), known=known, exchange=EXCHANGE)
    )


@app.get("/vambe-proof")
def fresh_proof():
    """For pages that stay open: a fresh proof, before the first one is too old."""
    user = signed_in_user()
    if not user:
        abort(401)
    response = for_this_user_alone(proof_of(user))
    response.mimetype = "text/plain"
    return response


@app.post("/login")
def login():
    session.clear()
    session["user"] = request.form.get("user")
    return redirect("/", 303)


@app.post("/logout")
def logout():
    session.clear()
    return redirect("/", 303)
