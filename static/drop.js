// A file may be dropped anywhere on the page; without this script the field itself still takes it.
"use strict";

for (const zone of document.querySelectorAll("[data-drop]")) {
  const field = zone.querySelector("input[type=file]");
  const said = zone.querySelector("[data-drop-said]");
  let depth = 0; // of nested elements that the pointer is over

  const size = (bytes) => {
    const units = ["bytes", "kB", "MB", "GB"];
    const step = Math.min(3, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
    const number = bytes / 1000 ** step;
    return `${number.toLocaleString("en", { maximumFractionDigits: step && number < 100 ? 1 : 0 })} ${units[step]}`;
  };
  const say = () => {
    const file = field.files[0];
    said.textContent = file ? `${file.name}, ${size(file.size)}` : "";
  };
  const hold = (event, over) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    depth = over === null ? 0 : depth + over;
    zone.classList.toggle("drop-over", depth > 0);
  };

  document.addEventListener("dragenter", (event) => hold(event, 1));
  document.addEventListener("dragleave", (event) => hold(event, -1));
  document.addEventListener("dragover", (event) => hold(event, 0));
  document.addEventListener("drop", (event) => {
    hold(event, null);
    const { files } = event.dataTransfer ?? { files: [] };
    if (files.length > 1) {
      said.textContent = "Only one table at a time, please.";
    } else if (files.length === 1) {
      field.files = files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.focus();
    }
  });
  field.addEventListener("change", say);
  zone.querySelector("[data-drop-hint]").hidden = false;
  say();
}
