// An SMS centre for tests, made of the library smpp by others: it keeps each message until a client
// has answered it with 0, and says by HTTP what it keeps, what was taken and what was submitted.
//
// node centre.cjs SMPP-PORT HTTP-PORT [CERTIFICATE KEY]      (NODE_PATH names the libraries)
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const smpp = require("smpp");

const [smppPort, httpPort, certificate, key] = process.argv.slice(2);
const AGAIN_MS = 100;
const waiting = [];
const bound = new Set();
const told = { binds: 0, again: 0, taken: [], refused: [], submitted: [] };

function pump() {
  for (const session of bound) {
    while (waiting.length) deliver(session, waiting.shift());
  }
}

function deliver(session, sms) {
  session.open.add(sms);
  session.deliver_sm(
    {
      source_addr_ton: sms.ton ?? 1,
      source_addr_npi: 1,
      source_addr: sms.from,
      destination_addr: sms.to,
      data_coding: sms.coding,
      esm_class: sms.udh ? 0x40 : (sms.esm ?? 0),
      short_message: Buffer.from((sms.udh ?? "") + sms.hex, "hex"),
    },
    (answer) => {
      session.open.delete(sms);
      const status = answer.command_status;
      if (status === 0) told.taken.push(sms);
      else if (status === 0x65) told.refused.push(sms);
      else {
        told.again += 1;
        setTimeout(() => { waiting.push(sms); pump(); }, AGAIN_MS);
      }
    },
  );
}

function serve(session) {
  session.open = new Set();
  const bind = (pdu) => {
    const right = pdu.system_id === "relay" && pdu.password === "secret";
    session.send(pdu.response({ command_status: right ? 0 : smpp.ESME_RBINDFAIL }));
    if (!right) return session.close();
    told.binds += 1;
    bound.add(session);
    pump();
  };
  for (const kind of ["bind_transceiver", "bind_receiver"]) session.on(kind, bind);
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => { session.send(pdu.response()); session.close(); });
  session.on("submit_sm", (pdu) => {
    const inside = pdu.short_message;
    told.submitted.push({
      from: pdu.source_addr, to: pdu.destination_addr, coding: pdu.data_coding,
      text: typeof inside.message === "string" ? inside.message : String(inside.message),
      udh: Boolean(inside.udh),
    });
    session.send(pdu.response({ message_id: String(told.submitted.length) }));
  });
  session.on("error", () => {});
  session.on("close", () => {  // what was not answered is sent again
    bound.delete(session);
    waiting.unshift(...session.open);
    session.open.clear();
    pump();
  });
}

const tls = certificate ? { cert: fs.readFileSync(certificate), key: fs.readFileSync(key) } : {};
smpp.createServer(tls, serve).listen(Number(smppPort), "127.0.0.1");
http.createServer((request, response) => {
  let body = "";
  request.on("data", (some) => { body += some; });
  request.on("end", () => {
    if (request.method === "POST") { waiting.push(...JSON.parse(body)); pump(); }
    const open = [...bound].reduce((sum, session) => sum + session.open.size, 0);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ ...told, bound: bound.size, waiting: waiting.length, open }));
  });
}).listen(Number(httpPort), "127.0.0.1");
