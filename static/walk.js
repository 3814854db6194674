// Arrow keys move a cross over the map; what stands nearest is said, and Enter opens it.
"use strict";

for (const svg of document.querySelectorAll("svg[data-nearest]")) {
  const { axes, name, clamp, nameAt, open } = svg.plot;
  name.setAttribute("aria-live", "polite");
  name.textContent += " Arrow keys name what is there, Enter opens it.";
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("role", "application");
  svg.setAttribute("aria-roledescription", "map of signals");
  const cross = document.createElementNS("http://www.w3.org/2000/svg", "path");
  cross.setAttribute("class", "cross");
  const here = axes.map((axis) => (axis.start + axis.end) / 2);
  const steps = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] };
  const show = () => {
    cross.setAttribute("d", `M${here[0] - 9} ${here[1]}h18M${here[0]} ${here[1] - 9}v18`);
    svg.append(cross);
    nameAt(here);
  };
  svg.addEventListener("focus", () => svg.matches(":focus-visible") && show());
  svg.addEventListener("blur", () => cross.remove());
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Enter") open();
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    axes.forEach((axis, place) => (here[place] = clamp(here[place] + step[place], axis.start, axis.end)));
    show();
  });
}
