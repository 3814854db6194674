// A region drawn on a plot narrows the table, as the fields above it do; a click opens the signal that is named.
"use strict";

(() => {
  const form = document.querySelector("form.filters");
  for (const svg of form ? document.querySelectorAll("svg[data-brush]") : []) {
    const axes = JSON.parse(svg.dataset.brush);
    const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    box.setAttribute("class", "brush");
    box.setAttribute("visibility", "hidden");
    svg.append(box);
    const name = document.createElement("p");
    name.className = "plot-name small";
    name.textContent = "Draw a region with the pointer to see its signals only.";
    svg.after(name);

    const at = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      return [point.x, point.y];
    };
    const clamp = (value, one, other) => Math.min(Math.max(value, Math.min(one, other)), Math.max(one, other));
    const value = (axis, place) => {
      const share = (clamp(place, axis.start, axis.end) - axis.start) / (axis.end - axis.start);
      const found = axis.low + share * (axis.high - axis.low);
      return axis.log ? 10 ** found : found;
    };
    let begun = null;
    let nearest = null;
    let asked = 0;

    svg.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" || event.button !== 0) return; // a finger scrolls
      begun = at(event);
      svg.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    svg.addEventListener("pointermove", (event) => {
      const here = at(event);
      if (!begun) {
        if (axes.length === 2 && svg.dataset.nearest) nameAt(here);
        return;
      }
      const [x, y] = [0, 1].map((axis) => Math.min(begun[axis], here[axis]));
      const whole = axes.length === 1;
      box.setAttribute("x", x);
      box.setAttribute("y", whole ? 0 : y);
      box.setAttribute("width", Math.abs(begun[0] - here[0]));
      box.setAttribute("height", whole ? svg.viewBox.baseVal.height : Math.abs(begun[1] - here[1]));
      box.setAttribute("visibility", "visible");
    });
    svg.addEventListener("pointerup", (event) => {
      if (!begun) return;
      const ends = [begun, at(event)];
      begun = null;
      box.setAttribute("visibility", "hidden");
      if (Math.abs(ends[0][0] - ends[1][0]) < 6) {
        open();
        return;
      }
      axes.forEach((axis, place) => {
        const [from, to] = ends.map((end) => value(axis, end[place])).sort((a, b) => a - b);
        form.elements[`${axis.field}_from`].value = Number(from.toPrecision(3));
        form.elements[`${axis.field}_to`].value = Number(to.toPrecision(3));
      });
      form.requestSubmit();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      begun = null;
      box.setAttribute("visibility", "hidden");
    });

    const open = () => nearest?.address && location.assign(nearest.address);
    svg.plot = { axes, name, clamp, nameAt, open }; // for walk.js

    function nameAt(here) {
      clearTimeout(asked);
      asked = setTimeout(async () => {
        const address = new URL(svg.dataset.nearest, location);
        axes.forEach((axis, place) => address.searchParams.set(axis.field, value(axis, here[place])));
        const answer = await fetch(address).catch(() => null);
        if (!answer?.ok) return;
        nearest = await answer.json();
        name.textContent = nearest.words;
      }, 80);
    }
  }
})();
