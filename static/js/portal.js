/* Enhancements only: every page works without this file. */
"use strict";

function offerCopying(root) {
  for (const button of root.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy).textContent;
      const label = button.textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Press Ctrl+C";
        getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
      }
      setTimeout(() => { button.textContent = label; }, 1600);
    });
  }
}

function indent(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

/* The console calls the API straight from the page while the new key stands on it; later the server calls for it. */
function connectConsole(form) {
  const key = document.getElementById("new-key");
  const answer = document.getElementById("answer");
  const blank = document.getElementById("answer-template");
  if (!key || !answer || !blank) return;
  form.addEventListener("submit", async (event) => {
    const call = event.submitter && event.submitter.dataset;
    if (!call || !call.path) return;
    event.preventDefault();
    const headers = { Authorization: `Bearer ${key.textContent.trim()}` };
    if (call.body) headers["Content-Type"] = "application/json";
    const started = performance.now();
    let shown;
    try {
      const response = await fetch(call.path, { method: call.method, headers, body: call.body || undefined, credentials: "omit" });
      const text = await response.text();
      const seen = [...response.headers].filter(([name]) => form.dataset.headers.split(" ").includes(name));
      shown = { status: `${response.status} ${response.statusText}`, isGood: response.ok, headers: seen, body: indent(text) };
    } catch (problem) {
      shown = { status: "No answer", isGood: false, headers: [], body: String(problem) };
    }
    const part = blank.content.cloneNode(true);
    const mark = part.querySelector(shown.isGood ? "[data-good]" : "[data-bad]");
    mark.hidden = false;
    mark.querySelector("[data-text]").textContent = shown.status;
    part.querySelector("[data-call]").textContent = `${call.method} ${call.path}`;
    part.querySelector("[data-took]").textContent = `${Math.round(performance.now() - started)} ms`;
    part.querySelector("[data-headers]").textContent = shown.headers.map(([name, value]) => `${name}: ${value}`).join("\n");
    part.querySelector("[data-body]").textContent = shown.body;
    answer.replaceChildren(part);
    answer.hidden = false;
    answer.focus();
  });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  offerCopying(document);
  const form = document.querySelector("form[data-console]");
  if (form) connectConsole(form);
});
