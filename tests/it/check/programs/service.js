// A service in Node; its only care is to answer what it has begun.
const http = require("node:http");

const server = http.createServer((request, response) => {
  const wait = request.url === "/slow" ? 600 : 0;
  setTimeout(() => response.end("hello\n"), wait);
});
server.listen(process.env.PORT || 3000, "127.0.0.1", () => console.log("ready"));
process.on("SIGTERM", () => server.close());
