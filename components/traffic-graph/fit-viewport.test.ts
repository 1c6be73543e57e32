import { expect, it } from "vitest";
import { boundsOf, fitViewport } from "./fit-viewport.ts";
import { edgeRoom, targetSide } from "./layout/label-room.ts";

const room = { width: 1052, height: 790 };

it("shows all of a picture that fits, in the middle", () => {
  const { x, zoom } = fitViewport({ x: 0, y: 0, width: 1000, height: 300 }, room);
  expect(zoom).toBe(1);
  expect(x).toBe(26);
});

it("does not blow a small picture up", () => {
  expect(fitViewport({ x: 0, y: 0, width: 100, height: 100 }, room).zoom).toBe(1);
});

it("keeps words readable and begins at the left when the picture is too wide", () => {
  const { x, zoom } = fitViewport({ x: 40, y: 0, width: 4000, height: 300 }, room);
  expect(zoom).toBe(0.7);
  expect(x + 40 * zoom).toBe(26);
});

it("leaves the target of an edge 24 pixels at its smallest", () => {
  const { zoom } = fitViewport({ x: 0, y: 0, width: 4000, height: 300 }, room);
  expect(zoom * targetSide).toBeGreaterThanOrEqual(24);
});

it("shows lines that lead around all nodes, with their labels", () => {
  const nodes = [{ position: { x: 100, y: 100 }, width: 400, height: 300 }];
  const around = edgeRoom({
    points: [
      { x: 120, y: 100 },
      { x: 120, y: 10 },
      { x: 620, y: 10 },
      { x: 620, y: 200 },
    ],
    middle: { x: 370, y: 10 },
    direction: "horizontal",
  });
  const bounds = boundsOf(nodes, [{ data: { room: around } }]);
  expect(bounds.x).toBe(100);
  expect(bounds.y).toBeLessThan(10 - targetSide / 2);
  expect(bounds.x + bounds.width).toBe(620);
  expect(bounds.y + bounds.height).toBe(400);
});
