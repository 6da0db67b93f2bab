const form = document.getElementById("new");
const message = document.getElementById("message");
const table = document.getElementById("orders");
const more = document.getElementById("more");

// The key of the order in the form: kept until it is known to be accepted, so that a second try is not a second order.
let key = newKey();

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function call(path, options) {
  const response = await fetch(path, options);
  const body = await response.json();
  if (response.ok) return body;
  const details = (body.errors ?? []).map((error) => `${error.pointer ?? ""} ${error.detail}`);
  throw new Error([body.detail || body.title, ...details].join("; "));
}

function say(text, isProblem = false) {
  message.textContent = text;
  message.classList.toggle("problem", isProblem);
}

function show(order, place) {
  const row = document.getElementById(order.id) ?? document.createElement("tr");
  row.id = order.id;
  row.dataset.status = order.status;
  const items = order.items.map((item) => `${item.quantity} × ${item.sku}`).join(", ");
  const placed = new Date(order.created_at).toLocaleString();
  const cells = [order.id, order.customer, items, order.status, placed].map((text) => {
    const cell = document.createElement("td");
    cell.textContent = text;
    return cell;
  });
  cells.push(document.createElement("td"));
  if (order.status === "accepted") cells.at(-1).append(cancelButton(order));
  row.replaceChildren(...cells);
  if (!row.isConnected) table[place](row);
  if (order.status === "accepted") follow(order);
}

function cancelButton(order) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Cancel";
  button.addEventListener("click", async () => {
    try {
      show(await call(`/orders/${order.id}/cancel`, { method: "POST" }));
    } catch (error) {
      say(error.message, true);
    }
  });
  return button;
}

// One request per order that may still change; it is answered when the order does.
const followed = new Set();

async function follow(order) {
  if (followed.has(order.id)) return;
  followed.add(order.id);
  try {
    const now = await call(`/orders/${order.id}?wait=10s`);
    followed.delete(order.id);
    show(now);
  } catch {
    setTimeout(() => {
      followed.delete(order.id);
      follow(order);
    }, 2000);
  }
}

async function list(path) {
  try {
    const page = await call(path);
    for (const order of page.orders) show(order, "append");
    more.hidden = page.next === null;
    more.onclick = () => list(page.next);
  } catch (error) {
    say(error.message, true);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  const items = [{ sku: fields.get("sku"), quantity: Number(fields.get("quantity")) }];
  const body = JSON.stringify({ customer: fields.get("customer"), items });
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  try {
    const order = await call("/orders", { method: "POST", headers, body });
    key = newKey();
    form.reset();
    say(`Accepted as ${order.id}`);
    show(order, "prepend");
  } catch (error) {
    say(error.message, true);
  }
});

// A changed form is another order.
form.addEventListener("input", () => {
  key = newKey();
});

list("/orders");
