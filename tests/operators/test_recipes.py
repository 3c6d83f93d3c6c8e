"""Recipes: every one in general, and against the papers' formulas, which only tests know."""

import random
from fractions import Fraction

import pytest
from sympy import Abs, Symbol, sqrt

from symnn.formula.evaluate import Assignment, evaluate, precision
from symnn.formula.nodes import Maximum, Tensor, tensors
from symnn.formula.normal import Normalizer
from symnn.recipes import recipes
from symnn.registry import DeclarationError

RECIPES = recipes.all()
OPTIMIZERS = [r for r in RECIPES if r.kind == "optimizer"]
every_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.name)


def numbers(recipe, seed, **given):
    """Positive numbers for parameters and constants; constants below 1, so that means fade and rates are small."""
    source = random.Random(seed)

    def one():
        return Fraction(source.randint(1, 1000), 1024)

    values = {p: {(): Fraction(given.get(p.name, one() + 1))} for p in recipe.parameters}
    return Assignment({}, values, {c.symbol: one() for c in recipe.constants})


@every_recipe
def test_every_part_is_a_formula_in_the_parameters(recipe):
    for part in recipe.parts:
        formula = recipe.written_out(part.name).body
        assert tensors(formula) <= set(recipe.parameters)
        with precision(100):
            assert evaluate(formula, numbers(recipe, part.name)).is_finite()
    assert set(recipe.states) <= {p.name for p in recipe.parameters}
    assert len(set(recipe.states)) == len(recipe.states)


@every_recipe
def test_it_is_described_and_found(recipe):
    assert recipe.summary[0].isupper()
    assert recipe.summary.endswith(".")
    assert recipe.source
    for name in (recipe.name, *recipe.aliases):
        assert recipes.find(name.replace("_", " ").upper()) is recipe
    named = {p.name for p in recipe.parameters} | {p.name for p in recipe.parts} | {c.name for c in recipe.constants}
    assert set(recipe.latex_names) <= named


@pytest.mark.parametrize("recipe", OPTIMIZERS, ids=lambda r: r.name)
@pytest.mark.parametrize("gradient", [Fraction(3, 2), Fraction(-1, 3)])
def test_every_optimizer_descends_from_a_fresh_start(recipe, gradient):
    states = dict.fromkeys(recipe.states, 0)
    step = numbers(recipe, 1, **{**states, "gradient": gradient, "theta": Fraction(0), "t": 1})
    with precision(100):
        moved = evaluate(recipe.written_out("theta").body, step)
    assert moved * gradient.numerator < 0


@pytest.mark.parametrize("recipe", OPTIMIZERS, ids=lambda r: r.name)
def test_every_optimizer_changes_the_parameter(recipe):
    assert "theta" in recipe.states
    assert recipe.parts[-1].updates == "theta"
    assert recipe.part("theta").tensor.shape == ()


NAMES = ["theta", "gradient", "m", "v", "u", "t", "s", "velocity"]
theta, g, m, v, u, t, s, w = (Tensor(name).entry() for name in NAMES)
rate, mu, rho, eps, b1, b2, decay = (
    Symbol(name, positive=True) for name in ["rate", "mu", "rho", "eps", "beta1", "beta2", "decay"]
)
m_next, v_next = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
mhat, vhat = m_next / (1 - b1**t), v_next / (1 - b2**t)
fan_in, fan_out = Tensor("fan_in").entry(), Tensor("fan_out").entry()

PAPERS = {
    ("gradient descent", "theta"): theta - rate * g,
    ("momentum", "theta"): theta + mu * w - rate * g,
    ("nesterov", "theta"): theta + mu * (mu * w - rate * g) - rate * g,
    ("adagrad", "theta"): theta - rate * g / (sqrt(s + g**2) + eps),
    ("RMSprop", "theta"): theta - rate * g / (sqrt(rho * s + (1 - rho) * g**2) + eps),
    ("Adam", "m"): m_next,
    ("Adam", "v"): v_next,
    ("Adam", "mhat"): mhat,
    ("Adam", "vhat"): vhat,
    ("Adam", "theta"): theta - rate * mhat / (sqrt(vhat) + eps),
    ("AdamW", "theta"): theta - rate * mhat / (sqrt(vhat) + eps) - rate * decay * theta,
    ("AdaMax", "u"): Maximum(b2 * u, Abs(g)),
    ("AdaMax", "theta"): theta - rate * mhat / Maximum(b2 * u, Abs(g)),
    ("Xavier", "variance"): 2 / (fan_in + fan_out),
    ("Glorot uniform", "bound"): sqrt(6 / (fan_in + fan_out)),
    ("He", "variance"): 2 / fan_in,
    ("Kaiming normal", "deviation"): sqrt(2 / fan_in),
    ("LeCun", "variance"): 1 / fan_in,
}


@pytest.mark.parametrize(("name", "part"), PAPERS, ids=lambda value: value)
def test_a_recipe_is_what_its_paper_says(name, part):
    assert Normalizer().equal(recipes.find(name).written_out(part).body, PAPERS[name, part])


def test_recipes_differ():
    assert not Normalizer().equal(
        recipes.find("momentum").written_out("theta").body, recipes.find("nesterov").written_out("theta").body
    )


def test_an_unknown_part_is_refused_with_the_names_there_are():
    with pytest.raises(KeyError, match="adam has no part speed; it has m, v, mhat, vhat, theta"):
        recipes.find("adam").part("speed")


def test_mistakes_in_a_declaration_are_refused():
    from symnn.recipes import part, recipe, update

    with pytest.raises(DeclarationError, match="only for the body"):
        part("a", 1)
    with pytest.raises(DeclarationError, match="no parameter"):

        @recipe(kind="test")
        def unknown_state(x: ""):  # noqa: F722
            """Changes what is not there."""
            update("z", x)

    with pytest.raises(DeclarationError, match="named twice"):

        @recipe(kind="test")
        def twice(x: ""):  # noqa: F722
            """Names a value twice."""
            part("a", x)
            part("a", x + 1)

    with pytest.raises(DeclarationError, match="returns nothing"):

        @recipe(kind="test")
        def returning(x: "") -> "":  # noqa: F722
            """Has a result."""
            return x

    with pytest.raises(DeclarationError, match="already declared"):

        @recipe(kind="test", aliases=("ADAM",))
        def other_adam(x: ""):  # noqa: F722
            """Takes a name."""
            update("x", x)

    assert recipes.find("twice") is None
