/* SPDX-License-Identifier: MIT
 *
 * The noise exchange, and which exchange it is: clients and servers of every
 * policy, and an intruder who is the network (docs/model/README.md). A client
 * and a server have two sessions each, at the same time.
 *
 * Nothing is sent to anybody: what is sent, the intruder sees; what is
 * received, the intruder chooses from what it can make or has seen.
 *
 * A variant is chosen with -D: a name that begins with WITHOUT removes a check,
 * CLAIM claims what does not hold, and REACH=POLICY denies that such a client
 * can get its replies. USER=POLICY leaves only that client, SHORT only one
 * session of the server.
 */

/* An assertion and its name, by which SPIN's message is told from others. */
#define CLAIM(name, what) assert(name == 0 || (what))
#define REACHED 1001
#define DOWNGRADE 1002
#define HIDDEN_CLIENT 1003
#define HELD_KEY 1004
#define EXPECTED_KEY 1005
#define AGREEMENT_OF_CLIENT 1006
#define AGREEMENT_OF_SERVER 1007
#define SECRECY_OF_CLIENT 1008
#define SECRECY_OF_SERVER 1009
#define TRUE_REQUESTS 1010
#define TRUE_REPLIES 1011
#define INSISTENCE 1012
#define LISTED 1013

/* Points of the curve, with their private keys; an e may have MARK. */
#define ZERO 0 /* one whose every product is zero */
#define EC(i) (1 + (i))
#define ES(j) (3 + (j))
#define SC 5 /* the client's key */
#define SS 6 /* the server's */
#define SO 7 /* the server's older one */
#define IN 8 /* the intruder's, as e and as s */
#define MARK 16
#define POINT(p) ((p) & 15)
#define BIT(p) (1 << (p))

/* A product is its pair of points; ZERO with anything is 0. */
#define DH(a, b)                                                              \
	((POINT(a) == ZERO || POINT(b) == ZERO)                               \
	 -> 0 : (POINT(a) < POINT(b) -> POINT(a) << 4 | POINT(b)              \
				     : POINT(b) << 4 | POINT(a)))

#ifdef WITHOUT_EE
#define EE 0
#else
#define EE 255
#endif
#ifdef WITHOUT_ES
#define ES_ 0
#else
#define ES_ 255
#endif
#ifdef WITHOUT_SE
#define SE 0
#else
#define SE 255
#endif

/* A key is the chain of the products that were mixed into it. */
#define K1(ee) (1 << 28 | ((ee) & EE))
#define K2(ee, es) (2 << 28 | ((ee) & EE) | ((es) & ES_) << 8)
#define K3(ee, es, se) (3 << 28 | ((ee) & EE) | ((es) & ES_) << 8 |           \
			((se) & SE) << 16)
#ifdef WITHOUT_DIRECTIONS
#define KT(ee, es, se, side) (K3(ee, es, se) | 4 << 28)
#else
#define KT(ee, es, se, side) (K3(ee, es, se) | 4 << 28 | (side) << 24)
#endif
#define CLIENT 1
#define SERVER 2

/* The hash of all that was sent so far, with the prologue. */
#ifdef WITHOUT_HASHED_MARK
#define HASHED(e) POINT(e)
#else
#define HASHED(e) (e)
#endif
#define H(stage, e, es, ss, sc) (HASHED(e) | (es) << 5 | (ss) << 9 |          \
				 (sc) << 13 | (stage) << 17)

/* What the intruder has: private keys, and points it has seen. */
int own = BIT(IN);
int seen = BIT(ZERO) | BIT(SC) | BIT(SS) | BIT(SO) | BIT(IN);

#define HOLDS(p) ((p) == ZERO || (own >> (p)) & 1)
#define PRODUCT(d) (HOLDS((d) >> 4 & 15) || HOLDS((d) & 15))
#define KNOWN(k) (PRODUCT((k) & 255) && PRODUCT((k) >> 8 & 255) &&            \
		  PRODUCT((k) >> 16 & 255))

/* Everything sealed that was sent. */
typedef sealed {
	int key;
	byte n;
	int ad;
	byte plain;
};
#define OF_SERVER(j) (8 * (j))
#define OF_CLIENT(i) (8 * (i) + 4)
#define STATIC 0
#define TAG 1
#define MESSAGE(n) (2 + (n))
sealed sent[16];

#define NOTHING 0
#define REQUEST(i, n) (32 + 2 * (i) + (n))
#define REPLY(j, n) (48 + 2 * (j) + (n))
#define FORGED 63

inline send(at, k, number, hash, text) {
	sent[at].key = k;
	sent[at].n = number;
	sent[at].ad = hash;
	sent[at].plain = text
}

#ifdef WITHOUT_NONCES
#define SAME_N(a, b) true
#else
#define SAME_N(a, b) ((a) == (b))
#endif
#define FITS(t, k, number, hash)                                              \
	(sent[t].key == (k) && SAME_N(sent[t].n, number) &&                   \
	 sent[t].ad == (hash))
#define TRY(t, k, number, hash)                                               \
	:: FITS(t, k, number, hash) -> text = sent[t].plain
#define IS_TAG(t, k, number, hash)                                            \
	(FITS(t, k, number, hash) && sent[t].plain == NOTHING)
#define FOUR(f, t, k, number, hash)                                           \
	(f(t, k, number, hash) || f((t) + 1, k, number, hash) ||              \
	 f((t) + 2, k, number, hash) || f((t) + 3, k, number, hash))
#define ANY(f, k, number, hash)                                               \
	(FOUR(f, 0, k, number, hash) || FOUR(f, 4, k, number, hash) ||        \
	 FOUR(f, 8, k, number, hash) || FOUR(f, 12, k, number, hash))

/* Is there anything that verifies, made or seen? If not, all that the intruder
 * can send fails. */
#define CAN(k, number, hash) (KNOWN(k) || ANY(FITS, k, number, hash))
#define CAN_TAG(k, number, hash) (KNOWN(k) || ANY(IS_TAG, k, number, hash))

/* One of those arrives; if the key is known, with any text. */
inline open(k, number, hash) {
	if
	:: KNOWN(k) ->
		if
		:: text = ZERO
		:: text = SC
		:: text = SS
		:: text = SO
		:: text = IN
		:: text = FORGED
		fi
	TRY(0, k, number, hash)
	TRY(1, k, number, hash)
	TRY(2, k, number, hash)
	TRY(3, k, number, hash)
	TRY(4, k, number, hash)
	TRY(5, k, number, hash)
	TRY(6, k, number, hash)
	TRY(7, k, number, hash)
	TRY(8, k, number, hash)
	TRY(9, k, number, hash)
	TRY(10, k, number, hash)
	TRY(11, k, number, hash)
	TRY(12, k, number, hash)
	TRY(13, k, number, hash)
	TRY(14, k, number, hash)
	TRY(15, k, number, hash)
	fi
}

/* A point arrives: any that was seen. */
inline choose_point(p) {
	if
	:: p = ZERO
	:: seen & BIT(EC(0)) -> p = EC(0)
	:: seen & BIT(EC(1)) -> p = EC(1)
	:: seen & BIT(ES(0)) -> p = ES(0)
	:: seen & BIT(ES(1)) -> p = ES(1)
	:: p = SC
	:: p = SS
	:: p = SO
	:: p = IN
	fi
}

#ifdef WITHOUT_ZERO_CHECK
#define VALID(d) true
#else
#define VALID(d) ((d) != 0)
#endif

/* --- policies ------------------------------------------------------------- */

mtype = {
	PLAIN,		/* no --secure */
	NEW_REFUSED,	/* the server is new, and there is nobody to ask */
	KNOWN_KEY,	/* --server-key, or in known_servers */
	OLDER_KEY,	/* the same, but it is the older key */
	ASKED,		/* the user compares the key, then says yes */
	ASKED_BLINDLY,	/* the user says yes */
	TRUST_NEW,	/* --trust-new */

	BOTH, SECURE_ONLY, PLAIN_ONLY /* servers */
};
mtype user, offer;
/* Whether a server holds the older key, and has a list of authorized keys (SC is
 * on it), is chosen where it matters: both may change at any time. */

/* Whom the client may take for the server. */
#define EXPECTED(i, key)                                                      \
	((user == KNOWN_KEY && (key) == SS) ||                                \
	 (user == OLDER_KEY && (key) == SO) ||                                \
	 ((user == ASKED || user == ASKED_BLINDLY) && (i) == 1 &&             \
	  (key) == accepted) ||                                               \
	 user == TRUST_NEW)
byte accepted = IN + 1; /* by the user, after the first connection */

/* --- what each side believes ---------------------------------------------- */

typedef view {
	bool opened;	/* for the client: flight 3 is sent */
	byte e, peer_e, own_s, peer_s; /* s: its own of the server only */
	int from_client, from_server; /* keys */
};
view client[2], server[2];

#define ALIKE(i, j)                                                           \
	(client[i].e == server[j].peer_e && client[i].peer_e == server[j].e && \
	 client[i].peer_s == server[j].own_s)
/* The client's view must be that of a server that has sent flight 2; the
 * server's, that of a client that has sent flight 3. */
#define HAS_SERVER(i) ((server[0].e && ALIKE(i, 0)) ||                        \
		       (server[1].e && ALIKE(i, 1)))
#define HAS_CLIENT(j) ((client[0].opened && ALIKE(0, j)) ||                   \
		       (client[1].opened && ALIKE(1, j)))
#define PARTNER(i) (ALIKE(i, 0) -> 0 : 1)
#define CLIENT_OF(j) (ALIKE(0, j) -> 0 : 1)

/* When do the claims hold? The server's key must not have been stolen for what
 * the client believes, nor the client's for what the server believes; and the
 * client must know the key from elsewhere. */
bool stolen_from_client, stolen_from_server;
#ifdef CLAIM_TRUST_NEW
#define KNOWS (user == TRUST_NEW)
#else
#ifdef CLAIM_ASKED_BLINDLY
#define KNOWS (user == ASKED_BLINDLY)
#else
#define KNOWS (user == KNOWN_KEY || user == OLDER_KEY || user == ASKED)
#endif
#endif
#ifdef CLAIM_STOLEN
#define STOLEN(which) false
#else
#define STOLEN(which) (which)
#endif
/* The keys of a session stay unknown even if, once it is open, all keys in
 * files are stolen, and what was recorded can be read again. */
#define LATER(p) (HOLDS(p) || (p) == SC || (p) == SS || (p) == SO)
#define PRODUCT_LATER(d) (LATER((d) >> 4 & 15) || LATER((d) & 15))
#define KNOWN_LATER(k) (PRODUCT_LATER((k) & 255) &&                           \
			PRODUCT_LATER((k) >> 8 & 255) &&                      \
			PRODUCT_LATER((k) >> 16 & 255))
#define SECRET(v) (!KNOWN_LATER(v.from_client) && !KNOWN_LATER(v.from_server))

#define CLIENT_IS_SURE (KNOWS && !STOLEN(stolen_from_server))
#define SERVER_IS_SURE(j) (server[j].peer_s == SC &&                          \
			   !STOLEN(stolen_from_client))

/* --- the client ----------------------------------------------------------- */

/* Set once the intruder has sent what does not verify: that session has ended,
 * which helps nobody, so this execution is not followed further. */
bool dead;
bool asked; /* the user has seen a key, in the first session, and accepted it */

inline forget() {
	e = 0;
	re = 0;
	rs = 0;
	ee = 0;
	es = 0;
	se = 0;
	text = 0
}

/* Nothing of it matters any more. */
inline lose() {
	d_step {
		forget();
		dead = true;
		user = 0;
		offer = 0;
		own = 0;
		seen = 0;
		accepted = 0;
		stolen_from_client = false;
		stolen_from_server = false;
		n = 0;
		do
		:: n < 16 -> send(n, 0, 0, 0, 0); n++
		:: else -> break
		od;
		n = 0;
		do
		:: n < 2 ->
			drop(client[n]);
			drop(server[n]);
			n++
		:: else -> n = 0; break
		od
	}
}

inline drop(v) {
	v.opened = false;
	v.e = 0;
	v.peer_e = 0;
	v.own_s = 0;
	v.peer_s = 0;
	v.from_client = 0;
	v.from_server = 0
}

/* No downgrade: only who asks for a plain session has one. */
inline speak_plainly(i) {
#ifdef CLAIM_PLAIN
	CLAIM(DOWNGRADE, user != PLAIN);
#endif
	CLAIM(DOWNGRADE, user == PLAIN);
	skip
}

inline give_up(i) {
#ifdef WITHOUT_STEADFASTNESS
	speak_plainly(i);
#endif
	goto lost
}

#define VERIFY(condition, i)                                                  \
	if                                                                    \
	:: (condition)                                                        \
	:: else -> give_up(i)                                                 \
	fi

/* The user is shown the key, and may accept it. */
inline present(i) {
	if
	:: i == 0 && (user == ASKED_BLINDLY ||
		(user == ASKED && (rs == SS || rs == SO))) ->
		accepted = rs;
		asked = true;
		forget();
		goto ended
	:: else
	fi
}

inline send_third_flight(i) {
	/* The client's key is shown only to a server that it accepts. */
	CLAIM(HIDDEN_CLIENT, !KNOWN(K2(ee, es)) || stolen_from_server ||
	      user == TRUST_NEW || (user == ASKED_BLINDLY && i == 1));
	send(OF_CLIENT(i) + STATIC, K2(ee, es), 1, H(3, e, re, rs, 0), SC);
	send(OF_CLIENT(i) + TAG, K3(ee, es, se), 0, H(4, e, re, rs, SC),
	     NOTHING)
}

proctype connect(byte i) {
	byte e, re, rs, text, n;
	int ee, es, se;

	atomic {
		if
		:: user == PLAIN -> speak_plainly(i); goto ended
		:: else
		fi;
		i == 0 || (user != ASKED && user != ASKED_BLINDLY) || asked;
		!dead;
		/* flight 2; the first was sent at once, see init */
		e = client[i].e;
		choose_point(re);
		ee = DH(e, re);
		VERIFY(VALID(ee) && CAN(K1(ee), 0, H(1, e, re, 0, 0)), i);
		open(K1(ee), 0, H(1, e, re, 0, 0));
		VERIFY(text <= IN, i);
		d_step {
			rs = text;
			text = 0;
			es = DH(e, rs);
			se = DH(SC, re)
		}
		VERIFY(VALID(es) && VALID(se), i);
#ifndef WITHOUT_TAG_2
		VERIFY(CAN_TAG(K2(ee, es), 0, H(2, e, re, rs, 0)), i);
#endif
#ifdef WITHOUT_ORDER
		send_third_flight(i);
#endif
#ifndef WITHOUT_EXPECTATION
		if
		:: EXPECTED(i, rs)
		:: else ->
			present(i);
			give_up(i)
		fi;
#endif
		/* flight 3, and two requests */
#ifndef WITHOUT_ORDER
		send_third_flight(i);
#endif
		client[i].peer_e = re;
		client[i].peer_s = rs;
		client[i].opened = true;
		client[i].from_client = KT(ee, es, se, CLIENT);
		client[i].from_server = KT(ee, es, se, SERVER);
		/* What was proved is a key that somebody holds. */
		CLAIM(HELD_KEY, rs != ZERO);
		/* A key that is known is the only one accepted. */
		CLAIM(EXPECTED_KEY, user != KNOWN_KEY || rs == SS);
		CLAIM(EXPECTED_KEY, user != OLDER_KEY || rs == SO);
		CLAIM(EXPECTED_KEY, user != ASKED || rs == SS || rs == SO);
		CLAIM(EXPECTED_KEY, user != NEW_REFUSED);
		/* There is a server that agrees with all of it. */
		CLAIM(AGREEMENT_OF_CLIENT, !CLIENT_IS_SURE || HAS_SERVER(i));
		/* It stays secret. */
		CLAIM(SECRECY_OF_CLIENT, !CLIENT_IS_SURE || SECRET(client[i]));
		send(OF_CLIENT(i) + MESSAGE(0), client[i].from_client, 0, 0,
		     REQUEST(i, 0));
		send(OF_CLIENT(i) + MESSAGE(1), client[i].from_client, 1, 0,
		     REQUEST(i, 1));
		forget()
	}
	atomic {
		!dead;
		VERIFY(CAN(client[i].from_server, 0, 0), i);
		open(client[i].from_server, 0, 0);
		CLAIM(TRUE_REPLIES, !CLIENT_IS_SURE ||
		      text == REPLY(PARTNER(i), 0));
		VERIFY(CAN(client[i].from_server, 1, 0), i);
		open(client[i].from_server, 1, 0);
		CLAIM(TRUE_REPLIES, !CLIENT_IS_SURE ||
		      text == REPLY(PARTNER(i), 1));
#ifdef REACH
		CLAIM(REACHED, user != REACH);
#endif
		forget()
	}
	goto ended;
lost:	lose();
ended:	skip
}

/* --- the server ----------------------------------------------------------- */

#define CHECK(condition)                                                      \
	if                                                                    \
	:: (condition)                                                        \
	:: else -> goto lost                                                  \
	fi

proctype serve(byte j) {
	byte e, re, rs, text, n;
	int ee, es, se;
	bool has_list;

	atomic {
		!dead && (j == 0 || server[0].e); /* the two are alike */
		/* flight 1: the first bytes tell the exchange */
		if
		:: true ->
#ifndef WITHOUT_INSISTENCE
			CHECK(offer != SECURE_ONLY);
#endif
			CLAIM(INSISTENCE, offer != SECURE_ONLY);
			goto lost
		:: offer == PLAIN_ONLY -> goto lost
		:: offer == SECURE_ONLY -> goto lost /* goes on as with BOTH */
		:: offer == BOTH
		fi;
		choose_point(re);
		if
		:: re = re | MARK
		:: true
		fi;
		e = ES(j);
		if /* rs: its own */
		:: rs = SS
		:: re & MARK -> rs = SO
		fi;
		ee = DH(e, re);
		CHECK(VALID(ee));
		es = DH(re, rs);
		CHECK(VALID(es));
		/* flight 2 */
		server[j].e = e;
		server[j].own_s = rs;
		server[j].peer_e = re;
		seen = seen | BIT(e);
		send(OF_SERVER(j) + STATIC, K1(ee), 0, H(1, re, e, 0, 0), rs);
		send(OF_SERVER(j) + TAG, K2(ee, es), 0, H(2, re, e, rs, 0),
		     NOTHING);
		text = 0
	}
	atomic {
		!dead;
		/* flight 3 */
		CHECK(CAN(K2(ee, es), 1, H(3, re, e, rs, 0)));
		open(K2(ee, es), 1, H(3, re, e, rs, 0));
		CHECK(text <= IN);
		se = DH(text, e);
		CHECK(VALID(se));
#ifndef WITHOUT_TAG_3
		CHECK(CAN_TAG(K3(ee, es, se), 0, H(4, re, e, rs, text)));
#endif
		server[j].peer_s = text;
		if
		:: has_list = true
		:: true
		fi;
#ifndef WITHOUT_LIST
		CHECK(!has_list || server[j].peer_s == SC);
#endif
		server[j].opened = true;
		server[j].from_client = KT(ee, es, se, CLIENT);
		server[j].from_server = KT(ee, es, se, SERVER);
		CLAIM(HELD_KEY, server[j].peer_s != ZERO);
		CLAIM(LISTED, !has_list || server[j].peer_s == SC);
		has_list = false;
		CLAIM(AGREEMENT_OF_SERVER, !SERVER_IS_SURE(j) || HAS_CLIENT(j));
		CLAIM(SECRECY_OF_SERVER, !SERVER_IS_SURE(j) || SECRET(server[j]));
		forget()
	}
	atomic {
		!dead;
		CHECK(CAN(server[j].from_client, 0, 0));
		open(server[j].from_client, 0, 0);
		CLAIM(TRUE_REQUESTS, !SERVER_IS_SURE(j) ||
		      text == REQUEST(CLIENT_OF(j), 0));
		send(OF_SERVER(j) + MESSAGE(0), server[j].from_server, 0, 0,
		     REPLY(j, 0));
		if
		:: CAN(server[j].from_client, 1, 0)
		:: else -> forget(); goto ended
		fi;
		open(server[j].from_client, 1, 0);
		CLAIM(TRUE_REQUESTS, !SERVER_IS_SURE(j) ||
		      text == REQUEST(CLIENT_OF(j), 1));
		send(OF_SERVER(j) + MESSAGE(1), server[j].from_server, 1, 0,
		     REPLY(j, 1));
		forget()
	}
	goto ended;
lost:	lose();
ended:	skip
}

/* Flight 1, before all else: the earlier it is sent, the more the intruder can
 * do. */
inline greet(i) {
	if
	:: user != PLAIN -> client[i].e = EC(i); seen = seen | BIT(EC(i))
	:: user == OLDER_KEY -> client[i].e = EC(i) | MARK;
		seen = seen | BIT(EC(i))
	:: user == PLAIN
	fi
}

init {
	atomic {
#ifdef USER
		user = USER;
#else
		if
		:: user = PLAIN
		:: user = NEW_REFUSED
		:: user = KNOWN_KEY
		:: user = OLDER_KEY
		:: user = ASKED
		:: user = ASKED_BLINDLY
		:: user = TRUST_NEW
		fi;
#endif
		if
		:: offer = BOTH
		:: offer = SECURE_ONLY
		:: offer = PLAIN_ONLY
		fi;
		if
		:: stolen_from_client = true; own = own | BIT(SC)
		:: stolen_from_server = true; own = own | BIT(SS) | BIT(SO)
		:: true
		fi;
		greet(0);
		greet(1);
		run connect(0);
		run connect(1);
#ifndef SHORT
		run serve(1);
#endif
		run serve(0)
	}
}
