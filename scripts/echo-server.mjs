// What most services are: stock Express 5 with express.json(), echoing the body. The bench compares with it.
import express from "express";

const app = express();
app.use(express.json());
app.post("/api/actions/:id", (request, response) => {
  response.json(request.body);
});
const server = app.listen(0, "127.0.0.1", () => {
  process.stdout.write(`{"url":"http://127.0.0.1:${server.address().port}"}\n`);
});
