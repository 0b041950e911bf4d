// SPDX-License-Identifier: Apache-2.0
// The host's admin API. Its refusals are shown as they are.

import * as session from "./session.js";

export class ApiError extends Error {
  constructor(status, text, path) {
    super(text);
    this.status = status; // 0: nobody answered
    this.path = path;
  }
}

const ROOT = "/api/v1/";

// "queues", name, "groups" → the path, each part encoded.
export function at(...parts) {
  return ROOT + parts.map(encodeURIComponent).join("/");
}

function headersOf(body) {
  const headers = { "X-Eddy-Request": "console" };
  const token = session.token();
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return headers;
}

async function answer(method, path, body, signal) {
  const options = { method, headers: headersOf(body), signal, cache: "no-store", credentials: "omit" };
  if (body !== undefined) options.body = JSON.stringify(body);
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, `the host at ${location.host} does not answer`, path);
  }
}

async function refusal(reply, path) {
  const text = await reply.text();
  try {
    return new ApiError(reply.status, JSON.parse(text).error ?? text, path);
  } catch {
    return new ApiError(reply.status, text || `status ${reply.status}`, path);
  }
}

// Asks for a token as often as the host wants another one; leaves only by an answer or an error.
async function ask(method, path, body, signal) {
  for (;;) {
    const reply = await answer(method, path, body, signal);
    if (reply.ok) return reply;
    const error = await refusal(reply, path);
    if (error.status !== 401) throw error;
    await session.askForToken(error.message);
  }
}

function withQuery(path, query) {
  const text = query ? query.toString() : "";
  return text ? `${path}?${text}` : path;
}

export async function get(path, query, signal) {
  return (await ask("GET", withQuery(path, query), undefined, signal)).json();
}

// The bytes as they are, and what the host says of them.
export async function getBytes(path, query, signal) {
  const reply = await ask("GET", withQuery(path, query), undefined, signal);
  return { bytes: new Uint8Array(await reply.arrayBuffer()), headers: reply.headers };
}

export async function post(path, body, signal) {
  return (await ask("POST", path, body, signal)).json();
}
