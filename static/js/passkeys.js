/* Passkeys: asks the browser for one and sends its answer with the form. Every page has another way for those without scripts. */
"use strict";

async function askFor(form) {
  const asked = await fetch(form.dataset.ask, { method: "POST", body: new FormData(form) });
  if (asked.status === 403) return ""; // the server wants to know first who is there, and asks when the form is sent
  if (!asked.ok) throw new Error("This page has expired. Reload it and try again.");
  const options = await asked.json();
  const credential = options.rp
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify(credential.toJSON());
}

function inWords(problem) {
  if (problem.name === "NotAllowedError") return "No passkey answered: it was cancelled, or took too long.";
  if (problem.name === "InvalidStateError") return "This device has a passkey of yours already.";
  if (problem.name === "SecurityError") return "Passkeys do not work at this address.";
  return problem.message;
}

function offerPasskeys(form) {
  const problem = form.querySelector("[data-problem]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      form.elements.answer.value = await askFor(form);
    } catch (found) {
      problem.textContent = inWords(found);
      problem.hidden = false;
      return;
    }
    form.submit();
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const isKnown = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON;
  for (const part of document.querySelectorAll("[data-origin]")) {
    const isHere = isKnown && part.dataset.origin === location.origin;
    part.hidden = !isHere;
    const otherwise = part.nextElementSibling;
    if (otherwise && otherwise.matches("[data-otherwise]")) otherwise.hidden = isHere;
  }
  document.querySelectorAll("form[data-ask]").forEach(offerPasskeys);
});
