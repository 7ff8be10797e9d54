// SPDX-License-Identifier: MIT
//
// Both sides of the noise exchange once more, of node:crypto alone; written
// from docs/protocol.md and the Noise specification, whose names it uses.
//
//   node node_peer.mjs client HOST PORT SESSIONS REQUEST...
//   node node_peer.mjs server
//
// The client holds so many sessions, one after another, each with all the
// requests in one segment, and prints a line a session: the server's key and
// the replies, all in base64. The server prints its port and its key, then
// the client's key of each session, and ends at the end of its input.

import {
  createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey,
  createPublicKey, diffieHellman, generateKeyPairSync,
} from 'node:crypto';
import { connect, createServer } from 'node:net';

const MAGIC = Buffer.from('SMX1-XX\n');
const FLIGHT_BYTES = [40, 96, 64];
const PATTERN = [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']];
const STEP = 32;
const TAG = 16;
const EMPTY = Buffer.alloc(0);

const concat = (...parts) => Buffer.concat(parts);
const sha256 = (data) => createHash('sha256').update(data).digest();
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();

// --- keys: raw ones, wrapped in what node wants ---

const SPKI = Buffer.from('302a300506032b656e032100', 'hex');

function newKeyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return { privateKey, public: der.subarray(SPKI.length) };
}

function dh(pair, raw) {
  const publicKey = createPublicKey(
    { key: concat(SPKI, raw), format: 'der', type: 'spki' });
  return diffieHellman({ privateKey: pair.privateKey, publicKey });
}

// --- CipherState ---

class Cipher {
  constructor(key) {
    this.key = key;
    this.n = 0n;
  }

  nonce() {
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64LE(this.n++, 4);
    return nonce;
  }

  encrypt(ad, text) {
    const options = { authTagLength: TAG };
    const c = createCipheriv('chacha20-poly1305', this.key, this.nonce(),
      options);
    c.setAAD(ad, { plaintextLength: text.length });
    const sealed = concat(c.update(text), c.final());
    return concat(sealed, c.getAuthTag());
  }

  decrypt(ad, sealed) {
    const length = sealed.length - TAG;
    const d = createDecipheriv('chacha20-poly1305', this.key, this.nonce(),
      { authTagLength: TAG });
    d.setAAD(ad, { plaintextLength: length });
    d.setAuthTag(sealed.subarray(length));
    return concat(d.update(sealed.subarray(0, length)), d.final());
  }
}

// --- SymmetricState and HandshakeState ---

function hkdf(ck, input) {
  const temp = hmac(ck, input);
  const one = hmac(temp, Buffer.from([1]));
  return [one, hmac(temp, concat(one, Buffer.from([2])))];
}

class Handshake {
  constructor(isInitiator, identity) {
    this.isInitiator = isInitiator;
    this.s = identity;
    this.h = this.ck = Buffer.from('Noise_XX_25519_ChaChaPoly_SHA256');
    this.cipher = null;
    this.flights = 0;
    this.mixHash(MAGIC);
  }

  mixHash(data) {
    this.h = sha256(concat(this.h, data));
  }

  mixKey(input) {
    const [ck, key] = hkdf(this.ck, input);
    this.ck = ck;
    this.cipher = new Cipher(key);
  }

  encryptAndHash(text) {
    const sealed = this.cipher ? this.cipher.encrypt(this.h, text) : text;
    this.mixHash(sealed);
    return sealed;
  }

  decryptAndHash(sealed) {
    const text = this.cipher ? this.cipher.decrypt(this.h, sealed) : sealed;
    this.mixHash(sealed);
    return text;
  }

  mixToken(token) {
    const [mine, theirs] = this.isInitiator ? token : [token[1], token[0]];
    this.mixKey(dh(this[mine], this['r' + theirs]));
  }

  write() {
    const parts = this.flights === 0 ? [MAGIC] : [];
    for (const token of PATTERN[this.flights++]) {
      if (token === 'e') {
        this.e = newKeyPair();
        parts.push(this.e.public);
        this.mixHash(this.e.public);
      } else if (token === 's') {
        parts.push(this.encryptAndHash(this.s.public));
      } else {
        this.mixToken(token);
      }
    }
    parts.push(this.encryptAndHash(EMPTY));
    return concat(...parts);
  }

  read(flight) {
    const take = (n) => {
      const part = flight.subarray(0, n);
      flight = flight.subarray(n);
      return part;
    };
    if (this.flights === 0 && !take(MAGIC.length).equals(MAGIC))
      throw new Error('no magic');
    for (const token of PATTERN[this.flights++]) {
      if (token === 'e') {
        this.re = take(32);
        this.mixHash(this.re);
      } else if (token === 's') {
        this.rs = this.decryptAndHash(take(32 + TAG));
      } else {
        this.mixToken(token);
      }
    }
    if (this.decryptAndHash(flight).length)
      throw new Error('a payload');
  }

  split() {
    const [first, second] = hkdf(this.ck, EMPTY).map((k) => new Cipher(k));
    return this.isInitiator ? [first, second] : [second, first];
  }
}

// --- frames ---

function seal(cipher, text) {
  const padded = Buffer.alloc(Math.ceil(text.length / STEP) * STEP);
  text.copy(padded);
  const sealed = cipher.encrypt(EMPTY, padded);
  return concat(Buffer.from([sealed.length >> 8, sealed.length]), sealed);
}

function open(cipher, frame) {
  if (frame.length !== 50)
    throw new Error(`a frame of ${frame.length} bytes`);
  const text = cipher.decrypt(EMPTY, frame.subarray(2));
  let n = text.length;
  while (n && text[n - 1] === 0)
    n--;
  return text.subarray(0, n);
}

// --- sockets: so many bytes at a time ---

function reader(socket) {
  const chunks = socket[Symbol.asyncIterator]();
  let kept = EMPTY;
  return async (count) => {
    while (kept.length < count) {
      const { value, done } = await chunks.next();
      if (done)
        return null;
      kept = concat(kept, value);
    }
    const taken = kept.subarray(0, count);
    kept = kept.subarray(count);
    return taken;
  };
}

async function nextFrame(read) {
  const header = await read(2);
  return header && concat(header, await read(header.readUInt16BE()));
}

async function ask(host, port, identity, requests) {
  const socket = connect(port, host);
  const read = reader(socket);
  const handshake = new Handshake(true, identity);
  socket.write(handshake.write());
  handshake.read(await read(FLIGHT_BYTES[1]));
  const flight3 = handshake.write();
  const [send, receive] = handshake.split();
  const asked = [...requests, 'END'].map((r) => seal(send, Buffer.from(r)));
  socket.write(concat(flight3, ...asked));
  const replies = [handshake.rs];
  for (let frame; (frame = await nextFrame(read));)
    replies.push(open(receive, frame));
  socket.destroy();
  console.log(replies.map((r) => r.toString('base64')).join(' '));
}

function answer(request) {
  const now = new Date().toISOString();
  switch (request.toString().trim().toUpperCase()) {
    case 'TIME': return Buffer.from(`${now.slice(11, 23)}000`);
    case 'DATE': return Buffer.from(now.slice(0, 10));
    case 'TEMP': return Buffer.from('-7');
    default: return Buffer.from('deadbeef', 'hex');
  }
}

async function serve(socket, identity) {
  const read = reader(socket);
  const handshake = new Handshake(false, identity);
  handshake.read(await read(FLIGHT_BYTES[0]));
  socket.write(handshake.write());
  handshake.read(await read(FLIGHT_BYTES[2]));
  const [send, receive] = handshake.split();
  console.log(handshake.rs.toString('base64'));
  for (let frame; (frame = await nextFrame(read));) {
    const request = open(receive, frame);
    if (request.toString() === 'END')
      break;
    socket.write(seal(send, answer(request)));
  }
  socket.end();
}

const [role, host, port, sessions, ...requests] = process.argv.slice(2);
const identity = newKeyPair();
if (role === 'client') {
  for (let i = 0; i < Number(sessions); i++)
    await ask(host, Number(port), identity, requests);
} else {
  const server = createServer((socket) => {
    serve(socket, identity).catch((error) => {
      console.error(error);
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    console.log(`${server.address().port} ${
      identity.public.toString('base64')}`);
  });
  process.stdin.resume().on('end', () => process.exit(0));
}
