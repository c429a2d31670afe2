// What every exhibit needs of its page: the data that Python put in, elements, and a frame that fits.

export const data = JSON.parse(document.getElementById("data").textContent);

export const find = (selector) => document.querySelector(selector);

/** Make an element: its name, its properties, and what lies in it. */
export function make(name, properties = {}, ...inside) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...inside);
  return element;
}

/** Make a row of radio buttons in a fieldset; `choices` maps values to words. */
export function fillChoices(fieldset, choices, chosen, whenChanged) {
  for (const [value, words] of Object.entries(choices)) {
    const input = make("input", { type: "radio", name: fieldset.id, value, checked: value === chosen });
    fieldset.append(make("label", {}, input, words));
  }
  fieldset.addEventListener("change", whenChanged);
}

/** The value of the radio button that is chosen in a fieldset. */
export const chosenIn = (fieldset) => fieldset.querySelector(":checked").value;

/** A number with so many decimals, and a true minus sign. */
export const say = (value, decimals) => value.toFixed(decimals).replace("-", "−");

/** How far an arrow key moves: [rows, columns], or nothing for another key. */
export function arrow(key) {
  return { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
}

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** Run a task once for each picture that the browser draws, however often it is asked for. */
export function oncePerPicture(task) {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => { isWaiting = false; task(); });
  };
}

// In a notebook the page lies in a frame, which takes its height. JupyterLab says if it is light.
if (window.frameElement) {
  const root = document.documentElement, { jpThemeLight } = window.frameElement.ownerDocument.body.dataset;
  if (jpThemeLight) root.style.colorScheme = jpThemeLight === "true" ? "light" : "dark";
  new ResizeObserver(() => { window.frameElement.style.height = `${root.offsetHeight}px`; }).observe(root);
}
