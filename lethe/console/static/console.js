// What pages do beyond links and forms: live changes, dialogs, messages, selection, uploads. htmx fetches the parts.
"use strict";

const say = (element, name) => element.dataset[name] || "";
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---------------------------------------------------------------- times in the reader's zone

function showTimes(root) {
  const formats = ["short", "long"].map((timeStyle) => new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle }));
  for (const time of $$("time[datetime]:not([title])", root)) {
    const at = new Date(time.dateTime);
    if (isNaN(at)) continue;
    time.title = time.textContent;
    time.textContent = formats["exact" in time.dataset ? 1 : 0].format(at);
  }
}

// ---------------------------------------------------------------- live: a page that is seen hears what has changed

const TOPICS = ["tree", "tasks", "receipts", "tokens", "assistants"];

let stream = null;

let calm = null;

function tell(topics) {
  for (const topic of topics) document.body.dispatchEvent(new Event(`lethe:${topic}`));
  calm ??= setTimeout(() => { calm = null; document.body.dispatchEvent(new Event("lethe:calm")); }, 3000); // for what is dear to make
}

function listen() {
  const address = document.body.dataset.events;
  if (!address) return;
  if (document.hidden) {
    stream?.close(); // a browser has few connections to one server, and nobody looks at this page
    stream = null;
  } else if (stream === null) {
    stream = new EventSource(address);
    stream.addEventListener("open", () => { document.body.dataset.live = "yes"; }); // the server then tells what changed since the page was rendered
    stream.addEventListener("message", (event) => tell(event.data.split(" ")));
    stream.addEventListener("error", () => {
      if (stream?.readyState !== EventSource.CLOSED) return; // it tries again by itself
      stream = null; // refused: who is signed out is led to the sign-in, others look without being told until they are heard
      setTimeout(() => { tell(TOPICS); listen(); }, 5000);
    });
  }
}

document.addEventListener("visibilitychange", () => {
  listen();
  if (!document.hidden) tell(TOPICS);
});

// ---------------------------------------------------------------- messages and dialogs

function toast(text, bad = false) {
  const made = document.createElement("div");
  made.className = bad ? "toast bad" : "toast";
  made.role = "status";
  made.append(Object.assign(document.createElement("span"), { textContent: text }));
  (dialog()?.open ? dialog() : document.getElementById("toasts")).append(made); // all else lies behind an open dialog
  expire(made);
}

function expire(made) {
  const close = document.createElement("button");
  close.textContent = "×";
  close.setAttribute("aria-label", say(document.getElementById("toasts"), "close"));
  close.addEventListener("click", () => made.remove());
  made.append(close);
  setTimeout(() => made.remove(), "stays" in made.dataset ? 30000 : 8000);
}

const dialog = () => document.getElementById("dialog");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === dialog() && !dialog().open) {
    dialog().showModal();
    dialog().addEventListener("close", () => dialog().replaceChildren(), { once: true }); // a token is shown once
    dialog().querySelector("[autofocus]")?.focus();
  }
});
document.addEventListener("htmx:load", (event) => {
  const loaded = event.detail.elt;
  showTimes(loaded.parentElement || loaded);
  if (loaded.classList.contains("toast")) expire(loaded);
});
document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr;
  toast(answer.getResponseHeader("content-type")?.startsWith("text/plain") ? answer.responseText : answer.statusText, true);
});
document.addEventListener("lethe:done", () => {
  dialog()?.close();
  for (const box of $$("[name=id]:checked")) box.checked = false;
  countSelection();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]") || event.target === dialog()) dialog().close();
  const copied = event.target.closest("[data-copy]");
  if (copied) copy(copied).then(() => toast(say(copied, "copied") || say(document.getElementById("toasts"), "copied")));
  if (event.target.closest("[data-print]")) window.print();
});
async function copy(button) {
  if (navigator.clipboard) return navigator.clipboard.writeText(button.dataset.copy);
  const text = Object.assign(document.createElement("textarea"), { value: button.dataset.copy }); // without TLS there is no clipboard
  button.after(text);
  text.select();
  document.execCommand("copy");
  text.remove();
  button.focus();
}
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input, textarea, select") && !dialog()?.open) {
    const box = document.querySelector("[type=search]") || document.querySelector("a[href$='/search']");
    if (box) { event.preventDefault(); box.focus(); if (box.href) box.click(); }
  }
  const picker = event.target.closest("[data-pick]");
  if (picker && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); picker.click(); }
});
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-looks]")) event.target.form.requestSubmit();
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

document.addEventListener("formdata", (event) => { // an address without what was left empty
  if (!event.target.matches("[data-lean]")) return;
  for (const [name, value] of [...event.formData]) {
    if (value && !name.startsWith("operator")) continue;
    if (!value || !event.formData.get(name.replace("operator", "key"))) event.formData.delete(name);
  }
});

// ---------------------------------------------------------------- selection, which a refreshed list keeps

function countSelection() {
  const boxes = $$("[name=id][type=checkbox]"), chosen = boxes.filter((box) => box.checked);
  for (const bar of $$("[data-selection]")) {
    for (const button of $$("button", bar)) button.disabled = chosen.length === 0;
    const count = bar.querySelector("[data-count]");
    count.textContent = chosen.length === 1 ? say(count, "one") : say(count, "more").replace("#", chosen.length);
    count.hidden = chosen.length === 0;
    const all = bar.querySelector("[data-all]");
    all.checked = boxes.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
}

let kept = new Set();
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const box of $$("[name=id]")) box.checked = event.target.checked;
  if (event.target.matches("[data-all], [name=id]")) countSelection();
});
document.addEventListener("htmx:beforeSwap", () => { kept = new Set($$("[name=id]:checked").map((box) => box.value)); });
document.addEventListener("htmx:afterSettle", () => {
  for (const box of $$("[name=id][type=checkbox]")) if (kept.has(box.value)) box.checked = true;
  countSelection();
});

// ---------------------------------------------------------------- what somebody is at: a refresh takes no focus and no click

let focused = null;
const label = (element) => element.getAttribute("aria-label") || element.textContent.trim();
document.addEventListener("htmx:beforeSwap", (event) => {
  const at = document.activeElement;
  focused = event.detail.target.contains(at) ? { tag: at.localName, label: label(at), value: at.value } : null;
});
document.addEventListener("htmx:afterSwap", () => {
  if (!focused || document.activeElement !== document.body) return;
  const { tag, label: name, value } = focused;
  $$(tag).find((other) => label(other) === name && other.value === value)?.focus({ preventScroll: true });
});

let pressed = null, passed = false;
function release() {
  clearTimeout(pressed);
  pressed = null;
  if (passed) { passed = false; tell(TOPICS); }
}
document.addEventListener("pointerdown", () => { clearTimeout(pressed); pressed = setTimeout(release, 2000); }, true); // it may end outside
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(release), true); // behind the click
document.addEventListener("htmx:beforeSwap", (event) => {
  if (pressed === null || !event.detail.requestConfig?.triggeringEvent?.type.startsWith("lethe:")) return;
  event.detail.shouldSwap = false; // a click ends on the element that it began on
  passed = true;
});

// ---------------------------------------------------------------- moving by drag

const NODE = "application/x-lethe-node";
document.addEventListener("dragstart", (event) => {
  const row = event.target.closest?.("[data-node]");
  if (row) event.dataTransfer.setData(NODE, row.dataset.node);
});

function moveInto(folder, node) {
  const chosen = $$("[name=id]:checked").map((box) => box.value);
  const ids = chosen.includes(node) ? chosen : [node];
  if (ids.includes(folder)) return;
  htmx.ajax("POST", `${root()}/move`, { target: "#toasts", swap: "beforeend", values: { id: ids.join(","), parent: folder } });
}

const root = () => document.body.dataset.events.replace(/\/events(\?.*)?$/, "");

// ---------------------------------------------------------------- uploads

const AT_ONCE = 3;
const waiting = [], watched = new Map();
let running = 0;

function words() { return document.getElementById("upload-words"); }

function row(name) {
  const item = document.createElement("li");
  item.innerHTML = '<span class="what"></span><span class="quiet small how"></span><progress max="100" value="0"></progress><span class="why" hidden></span>';
  item.querySelector(".what").textContent = name;
  item.querySelector("progress").setAttribute("aria-label", name);
  item.querySelector(".how").textContent = say(words(), "waiting");
  return item;
}

function show(item, percentage, text) {
  const bar = item.querySelector("progress");
  if (percentage === null) bar.removeAttribute("value"); else bar.value = percentage;
  item.querySelector(".how").textContent = text;
}

function fail(item, reason, again) {
  item.dataset.state = "failed";
  item.querySelector("progress").hidden = true;
  item.querySelector(".how").textContent = "";
  const why = item.querySelector(".why");
  why.hidden = false;
  why.textContent = reason + " ";
  if (again) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: say(words(), "retry") });
    button.addEventListener("click", () => { item.replaceWith(again()); });
    why.append(button);
  }
  item.parentElement?.prepend(item); // not below thirty that are ready
  summary();
}

function summary() {
  const items = $$("#uploads li"), count = (state) => items.filter((item) => item.dataset.state === state).length;
  let text = say(words(), "done").replace("{done}", count("done")).replace("{all}", items.length);
  if (count("failed")) text += ` · ${say(words(), "failed").replace("{failed}", count("failed"))}`;
  const title = document.querySelector("#uploads .title");
  if (title) title.textContent = `${say(words(), "heading")}: ${text}`;
}

function panel() {
  const section = document.getElementById("uploads");
  if (!section.firstChild) {
    section.innerHTML = '<div class="bar"><span class="title spread" role="status"></span><button type="button" class="plain">×</button></div><ul class="plainlist"></ul>';
    const close = section.querySelector("button");
    close.setAttribute("aria-label", say(words(), "close"));
    close.addEventListener("click", () => { section.hidden = true; section.replaceChildren(); });
  }
  section.hidden = false;
  return section.querySelector("ul");
}

function enqueue(file, path, address, folder) {
  const item = row(path);
  waiting.push(() => send(file, path, address, folder, item));
  return item;
}

function add(files, address, folder) {
  if (!files.length) return;
  const list = panel();
  for (const { file, path } of files) list.append(enqueue(file, path, address, folder));
  summary();
  next();
}

function next() {
  while (running < AT_ONCE && waiting.length) {
    running += 1;
    waiting.shift()().finally(() => { running -= 1; next(); });
  }
}

function send(file, path, address, folder, item) {
  const again = () => { const made = enqueue(file, path, address, folder); setTimeout(next); return made; };
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("X-Csrf", document.body.dataset.csrf);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-File-Name", encodeURIComponent(path));
    if (folder) request.setRequestHeader("X-Folder", folder);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      const part = event.total ? Math.round(100 * event.loaded / event.total) : 100;
      show(item, part / 2, `${part} %`);
    });
    request.addEventListener("load", () => {
      if (request.status === 201) {
        watched.set(JSON.parse(request.responseText).id, { item, again });
        watch();
      } else fail(item, request.responseText || request.statusText, again);
      resolve();
    });
    request.addEventListener("error", () => { fail(item, say(words(), "lost"), again); resolve(); });
    request.send(file);
  });
}

let watching = false;
async function watch() {
  if (watching) return;
  watching = true;
  while (watched.size) {
    const ids = [...watched.keys()].slice(0, 200);
    const answer = await fetch(`${root()}/files?id=${ids.join(",")}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok) {
      for (const [id, state] of Object.entries(await answer.json())) {
        const { item } = watched.get(id);
        if (state.ended) watched.delete(id);
        if (state.failed) fail(item, state.text, null);
        else show(item, state.ended ? 100 : 50 + (state.percentage || 0) / 2, state.text);
        if (state.ended && !state.failed) item.dataset.state = "done";
      }
      summary();
    }
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
  watching = false;
}

async function entries(item, path = "") {
  const entry = item.webkitGetAsEntry ? item.webkitGetAsEntry() : item;
  if (!entry) return [];
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path: path + file.name }];
  }
  const reader = entry.createReader(), found = [];
  for (;;) { // a browser gives 100 entries at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    for (const inner of some) found.push(...await entries(inner, `${path}${entry.name}/`));
  }
  return found;
}

function dropTarget(event) {
  const place = document.querySelector("[data-drop]");
  if (!place || dialog()?.open) return null;
  const over = event.target.closest?.("tr.folder[data-node]");
  const moving = event.dataTransfer.types.includes(NODE);
  if (!moving && !event.dataTransfer.types.includes("Files")) return null;
  if (moving && !over) return null;
  return { place, over, moving };
}

document.addEventListener("dragover", (event) => {
  const found = dropTarget(event);
  for (const marked of $$(".over")) marked.classList.remove("over");
  if (!found) return;
  event.preventDefault();
  (found.over || found.place).classList.add("over");
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) for (const marked of $$(".over")) marked.classList.remove("over"); });
document.addEventListener("drop", async (event) => {
  const found = dropTarget(event);
  for (const marked of $$(".over")) marked.classList.remove("over");
  if (!found) return;
  event.preventDefault();
  const folder = found.over?.dataset.node || found.place.dataset.folder;
  if (found.moving) { moveInto(folder, event.dataTransfer.getData(NODE)); return; }
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry());
  const address = found.place.dataset.drop;
  add((await Promise.all(items.map((item) => entries(item)))).flat(), address, folder);
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-upload]")) return;
  const place = document.querySelector("[data-drop]");
  add([...event.target.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })), place.dataset.drop, place.dataset.folder);
  event.target.value = "";
});

showTimes(document);
countSelection();
listen();
