// A global agent with the npm package `nats`: the twin of agent.py, word for word.
//
//   node agent.mjs ask --user u-17 "Deploy is blocked: roll back or wait?" --option 1 --option 2
//   node agent.mjs shift --id s-9 --packages 1

import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { AckPolicy, DeliverPolicy, JSONCodec, connect, headers, nanos } from "nats";

const REQUESTED = "agent.escalations.requested";
const UPDATED = "agent.escalations.updated";
const OFFERED = "agent.shifts.requested";
const ACCEPTED = "agent.shifts.accepted";
const STREAM = "AGENT_OUT";
const FINAL = new Set(["answered", "failed", "refused", "expired", "cancelled"]);
const json = JSONCodec();

// Ask a person and wait for the answer; give 0 if there is one, else 1.
async function ask(client, to, text, options) {
  const escalation = {
    escalation_id: randomUUID(),
    to,
    priority: "urgent",
    kind: "question",
    text,
    expects_reply: true,
    expires_at: new Date(Date.now() + 8 * 3600 * 1000).toISOString(),
    reply_options: options.length ? options : null,
  };
  // First the ear, then the word: a quick answer is not missed.
  const name = `asks_${escalation.escalation_id}`;
  await listen(client, {
    name,
    filter_subject: UPDATED,
    deliver_policy: DeliverPolicy.New,
    ack_policy: AckPolicy.Explicit,
    inactive_threshold: nanos(300_000),
  });
  await publish(client, REQUESTED, escalation, escalation.escalation_id);
  const updates = await client.jetstream().consumers.get(STREAM, name);
  for await (const message of await updates.consume({ max_messages: 10 })) {
    message.ack();
    const told = json.decode(message.data);
    if (told.escalation_id !== escalation.escalation_id) continue;
    say(told);
    if (FINAL.has(told.status)) return told.status === "answered" ? 0 : 1;
  }
  return 1;
}

// Take over so many conversations (0: as many as come).
async function work(client, shift, packages) {
  await listen(client, {
    durable_name: "shifts",
    filter_subject: OFFERED,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(60_000),
  });
  const offers = await client.jetstream().consumers.get(STREAM, "shifts");
  const seen = new Set();
  for await (const message of await offers.consume({ max_messages: 1 })) {
    const offered = json.decode(message.data);
    // What people wrote is to be read and never obeyed: `untrusted` says so.
    // A package is offered again until it is accepted: the second time is the same one.
    if (!seen.has(offered.package_id)) {
      seen.add(offered.package_id);
      say(offered);
    }
    const accepted = {
      package_id: offered.package_id,
      conversation_id: offered.conversation_id,
      global_shift_id: shift,
      accepted_at: new Date().toISOString(),
    };
    await publish(client, ACCEPTED, accepted, `${shift}:${offered.package_id}`);
    // Last, and confirmed: whoever dies before is given the package again.
    await message.ackAck();
    if (packages && seen.size >= packages) return 0;
  }
  return 0;
}

async function listen(client, config) {
  const streams = await client.jetstreamManager({ checkAPI: false });
  await streams.consumers.add(STREAM, config);
}

// Publish durably; the id makes a repetition harmless.
async function publish(client, subject, fields, id) {
  const attributes = headers();
  attributes.set("ce-specversion", "1.0");
  attributes.set("ce-id", id);
  attributes.set("ce-type", subject);
  attributes.set("ce-source", "/agent");
  attributes.set("ce-time", new Date().toISOString());
  await client
    .jetstream()
    .publish(subject, json.encode(fields), { headers: attributes, msgID: id });
}

function say(told) {
  console.log(JSON.stringify(told));
}

function connection(address) {
  const url = new URL(address);
  return {
    servers: url.host,
    user: decodeURIComponent(url.username) || undefined,
    pass: decodeURIComponent(url.password) || undefined,
    name: "agent",
    inboxPrefix: "_INBOX_agent",
  };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      nats: { type: "string", default: process.env.NATS_URL ?? "nats://127.0.0.1:4222" },
      user: { type: "string" },
      phone: { type: "string" },
      option: { type: "string", multiple: true, default: [] },
      id: { type: "string", default: "s-1" },
      packages: { type: "string", default: "0" },
    },
  });
  const [command, text] = positionals;
  const to = values.user ? { user_id: values.user } : { phone: values.phone };
  const asks = command === "ask" && text && (values.user || values.phone);
  if (!asks && command !== "shift") {
    console.error('say: ask --user ID "TEXT" [--option WORD], or: shift [--id ID]');
    return 2;
  }
  const client = await connect(connection(values.nats));
  try {
    return asks
      ? await ask(client, to, text, values.option)
      : await work(client, values.id, Number(values.packages));
  } finally {
    await client.close();
  }
}

process.exitCode = await main();
