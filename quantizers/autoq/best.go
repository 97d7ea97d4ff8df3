package autoq

import "context"

// tracker keeps the best policy of a learning algorithm.
type tracker struct {
	p         *Problem
	budget    float64 // +Inf = none
	guarantee *Guarantee
	progress  func(Progress)
	total     int

	policy   *Policy
	score    float64
	accuracy float64
	price    float64
	rewards  []float64
}

// measure returns accuracy and extrinsic reward of an episode's policy.
func (t *tracker) measure(ctx context.Context, policy *Policy) (accuracy, reward float64, err error) {
	if accuracy, reward, err = t.consider(ctx, policy); err != nil {
		return 0, 0, err
	}
	t.rewards = append(t.rewards, accuracy)
	t.progress(Progress{Done: len(t.rewards), Total: t.total, Best: t.accuracy, Price: t.price})
	return accuracy, reward, nil
}

// consider is measure of a policy that is no episode's.
func (t *tracker) consider(ctx context.Context, policy *Policy) (accuracy, reward float64, err error) {
	if accuracy, err = t.p.accuracy(ctx, policy); err != nil {
		return 0, 0, err
	}
	price := t.p.PriceOf(policy)
	if price > t.budget {
		panic("autoq: a policy exceeds its budget")
	}
	latency, energy := t.p.Relative(policy)
	reward = Extrinsic(accuracy, latency, energy, t.guarantee)
	if t.policy == nil || reward > t.score || reward == t.score && price < t.price {
		t.policy, t.score, t.accuracy, t.price = policy.Clone(), reward, accuracy, price
	}
	return accuracy, reward, nil
}

// outcome turns an interruption into the best policy so far.
func (t *tracker) outcome(ctx context.Context, err error) (*Policy, []float64, error) {
	if err != nil && (ctx.Err() == nil || t.policy == nil) {
		return nil, nil, err
	}
	return t.policy, t.rewards, nil
}
