// SPDX-License-Identifier: Apache-2.0
// Where the operator is: everything that makes a view is in the address, so that every view can be linked.
// "#/queues/OrdersDLQ/groups?type=std%3A%3A*&state=open"

export function parse(hash) {
  const text = hash.replace(/^#\/?/, "");
  const [path, query = ""] = split(text);
  return { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

function split(text) {
  const mark = text.indexOf("?");
  return mark < 0 ? [text] : [text.slice(0, mark), text.slice(mark + 1)];
}

function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // typed by hand: what it says is what is looked for
  }
}

// `query`: URLSearchParams, or an object of values and lists of values; empty ones are left out.
export function link(path, query = {}) {
  const text = queryText(query);
  return "#/" + path.map(encodeURIComponent).join("/") + (text ? "?" + text : "");
}

export function queryText(query) {
  if (query instanceof URLSearchParams) return query.toString();
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of [value].flat()) {
      if (one !== null && one !== undefined && one !== "") out.append(key, one);
    }
  }
  return out.toString();
}

export function go(path, query) {
  location.hash = link(path, query);
}

// The same view with another query; no new step in the browser's history.
export function refine(path, query) {
  location.replace(link(path, query));
}
