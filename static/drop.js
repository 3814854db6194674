// A file may be dropped anywhere on the page, is refused before it is sent where it is too large, and tells how far it is.
// Without this script the field itself still takes it, and the browser sends the form as any other.
"use strict";

const SHOWN_FROM = 500_000; // bytes: what is smaller is there before anybody could read how far it is

function fileSize(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  const step = Math.min(3, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const number = bytes / 1000 ** step;
  return `${number.toLocaleString("en", { maximumFractionDigits: step && number < 100 ? 1 : 0 })} ${units[step]}`;
}

function totalSize(field) {
  return [...field.files].reduce((sum, file) => sum + file.size, 0);
}

function prepare(zone) {
  const field = zone.querySelector("input[type=file]");
  const said = zone.querySelector("[data-drop-said]");
  let depth = 0; // of nested elements that the pointer is over

  const say = () => {
    const { length } = field.files;
    const bytes = totalSize(field);
    const wrong = length > Number(zone.dataset.mostFiles || Infinity) ? zone.dataset.tooMany : bytes > Number(zone.dataset.mostBytes || Infinity) ? zone.dataset.tooLarge : "";
    field.setCustomValidity(wrong);
    said.classList.toggle("field-error", Boolean(wrong));
    const what = length > 1 ? `${length} files` : field.files[0]?.name;
    said.textContent = length ? `${what}, ${fileSize(bytes)}${wrong ? `. ${wrong}` : ""}` : "";
  };
  const hold = (event, over) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    depth = over === null ? 0 : depth + over;
    zone.classList.toggle("drop-over", depth > 0);
  };
  const on = (name, act) => {
    document.addEventListener(name, (event) => zone.isConnected && act(event));
  };

  on("dragenter", (event) => hold(event, 1));
  on("dragleave", (event) => hold(event, -1));
  on("dragover", (event) => hold(event, 0));
  on("drop", (event) => {
    hold(event, null);
    const { files } = event.dataTransfer ?? { files: [] };
    if (files.length > 1 && !field.multiple) {
      said.textContent = "Only one table at a time, please.";
    } else if (files.length) {
      field.files = files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.focus();
    }
  });
  field.addEventListener("change", say);
  field.form.addEventListener("submit", (event) => {
    if (totalSize(field) >= SHOWN_FROM) send(event, zone, said);
  });
  zone.querySelector("[data-drop-hint]").hidden = false;
  say();
}

// The form as the browser would send it, but with its progress shown.
function send(event, zone, said) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button[type=submit]");
  const bar = zone.querySelector("[data-drop-sent]");
  const request = new XMLHttpRequest();
  const stop = (words) => {
    button.disabled = false;
    bar.hidden = true;
    said.textContent = words;
  };
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = (100 * loaded) / total;
    said.textContent = loaded < total ? `${fileSize(loaded)} of ${fileSize(total)} sent` : "Sent; it is being read.";
  });
  request.addEventListener("load", () => {
    const address = request.getResponseHeader("X-Upload-Address");
    if (address) {
      location.assign(address);
      return;
    }
    const answer = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
    if (!answer) {
      stop(`The site answered with status ${request.status}. Try again in a while.`);
      return;
    }
    document.querySelector("main").replaceWith(answer);
    document.querySelectorAll("[data-drop]").forEach(prepare);
    document.getElementById("error-summary")?.focus();
  });
  request.addEventListener("error", () => stop("The connection broke off before all was there. Send it again."));
  button.disabled = true;
  bar.hidden = false;
  request.open("POST", form.action || location.href);
  request.setRequestHeader("X-Upload", "1");
  request.send(new FormData(form));
}

document.querySelectorAll("[data-drop]").forEach(prepare);
// Back from the next page: the button is to be pressed again.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form:has([data-drop]) button:disabled")) button.disabled = false;
});
