import { expect } from "chai";
import { quadratureRule, quadratures } from "../../../lib/attribution/integrated-gradients";

/** What a rule makes of ∫₀¹ tᵈ dt = 1 / (d + 1). */
const momentError = (name: Parameters<typeof quadratureRule>[0], steps: number, degree: number): number => {
  const { nodes, weights } = quadratureRule(name, steps);
  return Math.abs(nodes.reduce((sum, node, i) => sum + weights[i] * node ** degree, 0) - 1 / (degree + 1));
};

describe("quadrature", () => {
  it("Gauss–Legendre integrates polynomials up to degree 2n − 1 exactly, and not the next", () => {
    for (const steps of [1, 2, 3, 5, 10]) {
      for (let degree = 0; degree < 2 * steps; degree++)
        expect(momentError("gausslegendre", steps, degree), `${steps} steps, degree ${degree}`).to.be.below(1e-14);
      expect(momentError("gausslegendre", steps, 2 * steps)).to.be.above(1e-14);
    }
    expect(momentError("gausslegendre", 50, 99)).to.be.below(1e-13);
    expect(momentError("gausslegendre", 500, 999)).to.be.below(1e-13);
  });
  it("nodes ascend within [0, 1]", () => {
    for (const name of quadratures)
      for (const steps of [2, 3, 50]) {
        const { nodes } = quadratureRule(name, steps);
        expect(nodes).to.have.length(steps);
        nodes.forEach((node, i) => expect(node).to.be.within(i === 0 ? 0 : nodes[i - 1] + 1e-9, 1));
      }
  });
  it("midpoints and the trapezoidal rule are exact for a line; Captum's trapezoid falls short by 1/steps", () => {
    for (const degree of [0, 1])
      for (const name of ["riemann_middle", "trapezoid"] as const)
        expect(momentError(name, 7, degree)).to.be.below(1e-7);
    expect(quadratureRule("riemann_trapezoid", 50).weights.reduce((a, b) => a + b)).to.be.closeTo(0.98, 1e-12);
  });
  it("the left and right sums of 1, t and t² are those that adding up gives", () => {
    for (const n of [1, 2, 7, 50]) {
      const closed = {
        riemann_left: [1, (n - 1) / (2 * n), ((n - 1) * (2 * n - 1)) / (6 * n * n)],
        riemann_right: [1, (n + 1) / (2 * n), ((n + 1) * (2 * n + 1)) / (6 * n * n)],
      };
      for (const name of ["riemann_left", "riemann_right"] as const)
        closed[name].forEach((wanted, degree) => {
          const { nodes, weights } = quadratureRule(name, n);
          expect(
            nodes.reduce((sum, node, i) => sum + weights[i] * node ** degree, 0),
            `${name}, ${n} steps, degree ${degree}`,
          ).to.be.closeTo(wanted, 1e-6);
        });
    }
  });
  it("the trapezoidal rule of t² is too large by 1 / (6 (n − 1)²); Captum's is its (n − 1)/n", () => {
    for (const n of [2, 5, 50]) {
      const [ours, captums] = (["trapezoid", "riemann_trapezoid"] as const).map((name) => {
        const { nodes, weights } = quadratureRule(name, n);
        return nodes.reduce((sum, node, i) => sum + weights[i] * node ** 2, 0);
      });
      expect(ours).to.be.closeTo(1 / 3 + 1 / (6 * (n - 1) ** 2), 1e-6);
      expect(captums).to.be.closeTo((ours * (n - 1)) / n, 1e-12);
    }
  });
  it("spaces nodes as PyTorch's linspace does, to the last digit of float32", () => {
    // torch.linspace(0, 1, 50)[[1, 7, 30]] and torch.linspace(0, 1 - 1 / 300, 300)[299], as float64.
    const trapezoid = quadratureRule("riemann_trapezoid", 50).nodes;
    expect([trapezoid[1], trapezoid[7], trapezoid[30]]).to.deep.equal([
      0.020408162847161293, 0.1428571343421936, 0.6122449040412903,
    ]);
    expect(quadratureRule("riemann_left", 300).nodes[299]).to.equal(0.996666669845581);
  });
  it("refuses an unknown name with the nearest, no steps, and a trapezoid of one step", () => {
    expect(() => quadratureRule("gauss-legendre" as never, 50)).to.throw(
      /quadrature is "gauss-legendre".*Did you mean gausslegendre\?/,
    );
    for (const steps of [0, -1, 2.5, NaN, "50" as never, 1e9])
      expect(() => quadratureRule("riemann_left", steps)).to.throw(/steps is .*an integer from 1 to 10000/);
    for (const name of ["trapezoid", "riemann_trapezoid"] as const)
      expect(() => quadratureRule(name, 1)).to.throw(/steps is 1; allowed: an integer ≥ 2/);
  });
});
